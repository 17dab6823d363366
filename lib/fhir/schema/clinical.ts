import { z } from 'zod'
import {
  annotation,
  attachment,
  code,
  codeableConcept,
  coding,
  dateTime,
  dosage,
  identifier,
  period,
  quantity,
  range,
  ratio,
  reference,
  sampledData,
  text,
  texts,
  time,
} from './datatypes.ts'
import { base } from './resource-base.ts'

export const encounterSchema = z.object({
  resourceType: z.literal('Encounter'),
  ...base,
  identifier: z.array(identifier).optional(),
  status: z.enum([
    'planned',
    'arrived',
    'triaged',
    'in-progress',
    'onleave',
    'finished',
    'cancelled',
    'entered-in-error',
    'unknown',
  ]),
  class: coding.optional(),
  type: z.array(codeableConcept).optional(),
  subject: reference.optional(),
  participant: z
    .array(z.object({ type: z.array(codeableConcept).optional(), individual: reference.optional() }))
    .optional(),
  period: period.optional(),
  reasonCode: z.array(codeableConcept).optional(),
  reasonReference: z.array(reference).optional(),
  location: z.array(z.object({ location: reference })).optional(),
  serviceProvider: reference.optional(),
})

export const conditionSchema = z.object({
  resourceType: z.literal('Condition'),
  ...base,
  clinicalStatus: codeableConcept.optional(),
  verificationStatus: codeableConcept.optional(),
  category: z.array(codeableConcept).optional(),
  severity: codeableConcept.optional(),
  code: codeableConcept.optional(),
  subject: reference,
  encounter: reference.optional(),
  onsetDateTime: dateTime.optional(),
  onsetAge: quantity.optional(),
  onsetPeriod: period.optional(),
  onsetRange: range.optional(),
  onsetString: text.optional(),
  abatementDateTime: dateTime.optional(),
  abatementAge: quantity.optional(),
  abatementPeriod: period.optional(),
  abatementRange: range.optional(),
  abatementString: text.optional(),
  recordedDate: dateTime.optional(),
  note: z.array(annotation).optional(),
})

export const allergyIntoleranceSchema = z.object({
  resourceType: z.literal('AllergyIntolerance'),
  ...base,
  clinicalStatus: codeableConcept.optional(),
  verificationStatus: codeableConcept.optional(),
  type: z.enum(['allergy', 'intolerance']).optional(),
  category: texts.optional(),
  criticality: z.enum(['low', 'high', 'unable-to-assess']).optional(),
  code: codeableConcept.optional(),
  patient: reference,
  recordedDate: dateTime.optional(),
  onsetDateTime: dateTime.optional(),
  note: z.array(annotation).optional(),
  reaction: z
    .array(
      z.object({
        substance: codeableConcept.optional(),
        manifestation: z.array(codeableConcept).optional(),
        description: text.optional(),
        onset: dateTime.optional(),
        severity: z.enum(['mild', 'moderate', 'severe']).optional(),
      }),
    )
    .optional(),
})

export const medicationRequestSchema = z
  .object({
    resourceType: z.literal('MedicationRequest'),
    ...base,
    status: z.enum([
      'active',
      'on-hold',
      'cancelled',
      'completed',
      'entered-in-error',
      'stopped',
      'draft',
      'unknown',
    ]),
    intent: code.optional(),
    medicationCodeableConcept: codeableConcept.optional(),
    medicationReference: reference.optional(),
    subject: reference,
    encounter: reference.optional(),
    authoredOn: dateTime.optional(),
    requester: reference.optional(),
    reasonCode: z.array(codeableConcept).optional(),
    reasonReference: z.array(reference).optional(),
    dosageInstruction: z.array(dosage).optional(),
    dispenseRequest: z
      .object({
        validityPeriod: period.optional(),
        numberOfRepeatsAllowed: z.int().nonnegative().optional(),
        quantity: quantity.optional(),
        expectedSupplyDuration: quantity.optional(),
      })
      .optional(),
  })
  .refine((request) => request.medicationCodeableConcept ?? request.medicationReference, {
    path: ['medicationCodeableConcept'],
    message: 'is missing, and so is medicationReference',
  })

export const immunizationSchema = z.object({
  resourceType: z.literal('Immunization'),
  ...base,
  status: z.enum(['completed', 'entered-in-error', 'not-done']),
  statusReason: codeableConcept.optional(),
  vaccineCode: codeableConcept,
  patient: reference,
  encounter: reference.optional(),
  occurrenceDateTime: dateTime.optional(),
  occurrenceString: text.optional(),
  lotNumber: text.optional(),
  site: codeableConcept.optional(),
  performer: z.array(z.object({ actor: reference })).optional(),
  note: z.array(annotation).optional(),
  protocolApplied: z
    .array(
      z.object({
        series: text.optional(),
        doseNumberPositiveInt: z.int().optional(),
        doseNumberString: text.optional(),
        seriesDosesPositiveInt: z.int().optional(),
        seriesDosesString: text.optional(),
      }),
    )
    .optional(),
})

const observationValue = {
  valueQuantity: quantity.optional(),
  valueCodeableConcept: codeableConcept.optional(),
  valueString: text.optional(),
  valueBoolean: z.boolean().optional(),
  valueInteger: z.int().optional(),
  valueRange: range.optional(),
  valueRatio: ratio.optional(),
  valueSampledData: sampledData.optional(),
  valueTime: time.optional(),
  valueDateTime: dateTime.optional(),
  valuePeriod: period.optional(),
  dataAbsentReason: codeableConcept.optional(),
}
const observationReferenceRange = z.object({
  low: quantity.optional(),
  high: quantity.optional(),
  type: codeableConcept.optional(),
  appliesTo: z.array(codeableConcept).optional(),
  age: range.optional(),
  text: text.optional(),
})
const observationComponent = z.object({
  code: codeableConcept,
  ...observationValue,
  interpretation: z.array(codeableConcept).optional(),
  referenceRange: z.array(observationReferenceRange).optional(),
})
const reportStatus = z.enum([
  'registered',
  'partial',
  'preliminary',
  'final',
  'amended',
  'corrected',
  'appended',
  'cancelled',
  'entered-in-error',
  'unknown',
])

export const observationSchema = z.object({
  resourceType: z.literal('Observation'),
  ...base,
  status: reportStatus.exclude(['partial', 'appended']),
  category: z.array(codeableConcept).optional(),
  code: codeableConcept,
  subject: reference.optional(),
  encounter: reference.optional(),
  effectiveDateTime: dateTime.optional(),
  effectivePeriod: period.optional(),
  effectiveInstant: dateTime.optional(),
  issued: dateTime.optional(),
  performer: z.array(reference).optional(),
  ...observationValue,
  interpretation: z.array(codeableConcept).optional(),
  note: z.array(annotation).optional(),
  method: codeableConcept.optional(),
  referenceRange: z.array(observationReferenceRange).optional(),
  component: z.array(observationComponent).optional(),
})

export const diagnosticReportSchema = z.object({
  resourceType: z.literal('DiagnosticReport'),
  ...base,
  status: reportStatus,
  category: z.array(codeableConcept).optional(),
  code: codeableConcept,
  subject: reference.optional(),
  encounter: reference.optional(),
  effectiveDateTime: dateTime.optional(),
  effectivePeriod: period.optional(),
  issued: dateTime.optional(),
  performer: z.array(reference).optional(),
  resultsInterpreter: z.array(reference).optional(),
  result: z.array(reference).optional(),
  conclusion: text.optional(),
  conclusionCode: z.array(codeableConcept).optional(),
  presentedForm: z.array(attachment).optional(),
})

export const procedureSchema = z.object({
  resourceType: z.literal('Procedure'),
  ...base,
  status: z.enum([
    'preparation',
    'in-progress',
    'not-done',
    'on-hold',
    'stopped',
    'completed',
    'entered-in-error',
    'unknown',
  ]),
  code: codeableConcept.optional(),
  subject: reference,
  encounter: reference.optional(),
  performedDateTime: dateTime.optional(),
  performedAge: quantity.optional(),
  performedPeriod: period.optional(),
  performedRange: range.optional(),
  performedString: text.optional(),
  reasonCode: z.array(codeableConcept).optional(),
  reasonReference: z.array(reference).optional(),
  note: z.array(annotation).optional(),
})

export const documentReferenceSchema = z.object({
  resourceType: z.literal('DocumentReference'),
  ...base,
  status: z.enum(['current', 'superseded', 'entered-in-error']),
  type: codeableConcept.optional(),
  category: z.array(codeableConcept).optional(),
  subject: reference.optional(),
  date: dateTime.optional(),
  author: z.array(reference).optional(),
  description: text.optional(),
  content: z.array(z.object({ attachment })).min(1),
  context: z.object({ encounter: z.array(reference).optional(), period: period.optional() }).optional(),
})

export type EncounterResource = z.infer<typeof encounterSchema>
export type ConditionResource = z.infer<typeof conditionSchema>
export type AllergyIntoleranceResource = z.infer<typeof allergyIntoleranceSchema>
export type MedicationRequestResource = z.infer<typeof medicationRequestSchema>
export type ImmunizationResource = z.infer<typeof immunizationSchema>
export type ObservationResource = z.infer<typeof observationSchema>
export type ObservationComponent = z.infer<typeof observationComponent>
export type ObservationReferenceRange = z.infer<typeof observationReferenceRange>
export type DiagnosticReportResource = z.infer<typeof diagnosticReportSchema>
export type ProcedureResource = z.infer<typeof procedureSchema>
export type DocumentReferenceResource = z.infer<typeof documentReferenceSchema>
