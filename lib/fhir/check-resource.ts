import type { z } from 'zod'
import {
  allergyIntoleranceSchema,
  conditionSchema,
  diagnosticReportSchema,
  documentReferenceSchema,
  encounterSchema,
  immunizationSchema,
  medicationRequestSchema,
  observationSchema,
  procedureSchema,
} from './schema/clinical.ts'
import {
  medicationSchema,
  organizationSchema,
  practitionerRoleSchema,
  practitionerSchema,
} from './schema/directory.ts'
import { claimSchema, explanationOfBenefitSchema } from './schema/financial.ts'
import { coverageSchema, patientSchema, relatedPersonSchema } from './schema/patient.ts'
import { SourceFault } from './source-fault.ts'

const schemas = {
  Patient: patientSchema,
  RelatedPerson: relatedPersonSchema,
  Coverage: coverageSchema,
  Practitioner: practitionerSchema,
  PractitionerRole: practitionerRoleSchema,
  Organization: organizationSchema,
  Medication: medicationSchema,
  Encounter: encounterSchema,
  Condition: conditionSchema,
  AllergyIntolerance: allergyIntoleranceSchema,
  MedicationRequest: medicationRequestSchema,
  Immunization: immunizationSchema,
  Observation: observationSchema,
  DiagnosticReport: diagnosticReportSchema,
  Procedure: procedureSchema,
  DocumentReference: documentReferenceSchema,
  Claim: claimSchema,
  ExplanationOfBenefit: explanationOfBenefitSchema,
} as const

/** The resource types that Vigil takes in; any other is counted and left alone. */
export type ResourceType = keyof typeof schemas
export type Resources = { [T in ResourceType]: z.infer<(typeof schemas)[T]> }
export type Resource = Resources[ResourceType]

export function isResourceType(type: string): type is ResourceType {
  return Object.hasOwn(schemas, type)
}

/** The `resourceType` of a parsed value. Throws {@link SourceFault} at `where` when it is not a resource at all. */
export function readResourceType(value: unknown, where: string): string {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new SourceFault(where, 'is not a FHIR resource (a JSON object is expected)')
  }
  const type = (value as Record<string, unknown>)['resourceType']
  if (typeof type !== 'string')
    throw new SourceFault(where, 'is not a FHIR resource (resourceType is missing)')
  if (!/^[A-Z][A-Za-z]{1,63}$/.test(type))
    throw new SourceFault(where, 'resourceType is not the name of a resource')
  return type
}

/**
 * Holds a resource against FHIR R4 as far as Vigil reads it and returns what it reads.
 * Throws {@link SourceFault} with the path of the first element at fault; the element's value is not quoted.
 */
export function checkResource<T extends ResourceType>(type: T, value: unknown, where: string): Resources[T] {
  const checked = schemas[type].safeParse(value)
  if (checked.success) return checked.data as Resources[T]
  const issue = checked.error.issues[0]
  const path = (issue?.path ?? [])
    .map((part) => (typeof part === 'number' ? `[${part}]` : `.${String(part)}`))
    .join('')
  throw new SourceFault(`${where}${path}`, describe(issue))
}

function describe(issue: z.core.$ZodIssue | undefined): string {
  switch (issue?.code) {
    case 'invalid_type':
      return issue.input === undefined && issue.message.endsWith('undefined')
        ? `is missing (${issue.expected} is expected)`
        : `has the wrong type (${issue.expected} is expected)`
    case 'invalid_value':
      return `is not one of ${issue.values.map(String).join(', ')}`
    case 'custom':
      return issue.message
    case 'invalid_format':
      return issue.message
    default:
      return 'is not as FHIR R4 describes it'
  }
}
