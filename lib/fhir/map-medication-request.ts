import { conceptText, conceptTexts, readConcept, rxnorm } from './concept.ts'
import { dosageText } from './dosage-text.ts'
import type { MapContext } from './map-context.ts'
import { startOf } from './partial-date.ts'
import { quantityText } from './quantity.ts'
import type { MedicationRequestRow } from './rows.ts'
import type { MedicationRequestResource } from './schema/clinical.ts'

/**
 * FHIR MedicationRequest → phi.medication_request. The medicine is coded in the request, contained in it, or a
 * Medication of the same files. FHIR knows how many refills were allowed, which is what is left until one is taken.
 */
export function mapMedicationRequest(
  request: MedicationRequestResource,
  context: MapContext,
): MedicationRequestRow {
  const referred = context.resource(request.medicationReference, 'Medication')
  const coded = readConcept(request.medicationCodeableConcept ?? referred?.code, [rxnorm])
  return {
    id: context.id,
    patientId: context.patientId,
    encounterId: context.rowId(request.encounter, 'Encounter'),
    practitionerId: context.rowId(request.requester, 'Practitioner'),
    status: request.status,
    authoredAt: startOf(request.authoredOn),
    endsAt: startOf(request.dispenseRequest?.validityPeriod?.end ?? lastBound(request)),
    intent: request.intent ?? null,
    codeSystem: coded?.codeSystem ?? null,
    code: coded?.code ?? null,
    display: coded?.display ?? (request.medicationReference?.display?.trim() || 'Not stated'),
    dosage: dosageText(request.dosageInstruction),
    reason: reasonOf(request, context),
    refillsRemaining: request.dispenseRequest?.numberOfRepeatsAllowed ?? null,
    quantity: quantityText(request.dispenseRequest?.quantity),
  }
}

function lastBound(request: MedicationRequestResource): string | undefined {
  const ends = (request.dosageInstruction ?? []).map((dosage) => dosage.timing?.repeat?.boundsPeriod?.end)
  return ends.filter((end) => end !== undefined).at(-1)
}

function reasonOf(request: MedicationRequestResource, context: MapContext): string | null {
  const stated = conceptTexts(request.reasonCode)
  if (stated) return stated
  const referred = (request.reasonReference ?? []).map(
    (reference) =>
      conceptText(context.resource(reference, 'Condition')?.code) ?? reference.display?.trim() ?? null,
  )
  return referred.filter((text) => text !== null).join('; ') || null
}
