import { conceptText } from './concept.ts'
import type { MapContext } from './map-context.ts'
import type { PatientIdentifierRow } from './rows.ts'
import type { Identifier } from './schema/datatypes.ts'
import type { PatientResource } from './schema/patient.ts'

const socialSecuritySystems = ['http://hl7.org/fhir/sid/us-ssn', 'urn:oid:2.16.840.1.113883.4.1']

/** The kind of an identifier by HL7 v2 table 0203 (MR, SS, DL, PPN, MB …), `other` where the source gave none. */
export function identifierKind(identifier: Identifier): string {
  if (identifier.system && socialSecuritySystems.includes(identifier.system)) return 'SS'
  const typed = identifier.type?.coding?.find((coding) => coding.code)?.code
  return typed ?? conceptText(identifier.type) ?? 'other'
}

/**
 * Patient.identifier → phi.patient_identifier, one row a value. The social security number is not repeated here:
 * it has a column of its own that is shown only after a step-up.
 */
export function mapPatientIdentifiers(patient: PatientResource, context: MapContext): PatientIdentifierRow[] {
  const rows = new Map<string, PatientIdentifierRow>()
  for (const identifier of patient.identifier ?? []) {
    const kind = identifierKind(identifier)
    const value = identifier.value?.trim()
    if (!value || kind === 'SS') continue
    const id = context.partId(`identifier:${identifier.system ?? ''}|${value}`)
    rows.set(id, { id, patientId: context.patientId, kind, system: identifier.system ?? null, value })
  }
  return [...rows.values()]
}
