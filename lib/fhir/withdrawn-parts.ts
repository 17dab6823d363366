import type { MapContext } from './map-context.ts'
import { mapClaimLines } from './map-claim.ts'
import { mapPatientContacts } from './map-patient-contacts.ts'
import type { ClaimLineRow, PatientContactRow } from './rows.ts'
import type { ClaimResource } from './schema/financial.ts'
import type { PatientResource } from './schema/patient.ts'

/** How many places after the last are looked at: nobody's record loses more telephones than this at once. */
const placesAfter = 12

/**
 * Parts of a resource are named by their place, so a source that drops one leaves a row that nothing in the source
 * stands for any more. Rows are not deleted by an import: they become empty, and the earlier value is in their history.
 */
export function withdrawnContacts(patient: PatientResource, context: MapContext): PatientContactRow[] {
  const present = new Set(mapPatientContacts(patient, context).map((row) => row.id))
  const parts = ['patient.telecom', 'patient.address', 'contact'].flatMap((family) => places(family))
  return parts
    .map((part) => context.partId(part))
    .filter((id) => !present.has(id))
    .map((id) => ({
      id,
      patientId: context.patientId,
      kind: 'withdrawn',
      use: null,
      rank: null,
      value: null,
      address: null,
      personName: null,
      relationship: null,
    }))
}

/** The same for lines of a claim: a line that is gone charges nothing. */
export function withdrawnLines(claim: ClaimResource, context: MapContext): ClaimLineRow[] {
  const present = mapClaimLines(claim, context)
  const ids = new Set(present.map((row) => row.id))
  return Array.from({ length: present.length + placesAfter }, (_, index) => index + 1)
    .map((number) => ({ id: context.partId(`item[${number}]`), number }))
    .filter(({ id }) => !ids.has(id))
    .map(({ id, number }) => ({
      id,
      patientId: context.patientId,
      claimId: context.id,
      lineNumber: number,
      servicedAt: null,
      serviceCategory: 'Withdrawn charge',
      billingCode: null,
      quantity: null,
      unitPrice: null,
      net: 0,
      serviceCode: null,
      serviceDisplay: null,
    }))
}

function places(family: string): string[] {
  return Array.from({ length: placesAfter }, (_, index) => `${family}[${index}]`)
}
