import { conceptText, cvx, readConcept } from './concept.ts'
import { notesText } from './notes-text.ts'
import type { MapContext } from './map-context.ts'
import { startOf } from './partial-date.ts'
import type { ImmunizationRow } from './rows.ts'
import type { ImmunizationResource } from './schema/clinical.ts'

/** FHIR Immunization → phi.immunization. A date in words (`childhood`) goes into the note. */
export function mapImmunization(immunization: ImmunizationResource, context: MapContext): ImmunizationRow {
  const coded = readConcept(immunization.vaccineCode, [cvx])
  const note = [
    immunization.occurrenceString ? `Given: ${immunization.occurrenceString}` : null,
    immunization.status === 'not-done' ? conceptText(immunization.statusReason) : null,
    notesText(immunization.note),
  ]
  return {
    id: context.id,
    patientId: context.patientId,
    encounterId: context.rowId(immunization.encounter, 'Encounter'),
    practitionerId: firstPractitioner(immunization, context),
    status: immunization.status,
    occurredAt: startOf(immunization.occurrenceDateTime),
    codeSystem: coded?.codeSystem ?? null,
    code: coded?.code ?? null,
    display: coded?.display ?? 'Not stated',
    lotNumber: immunization.lotNumber?.trim() || null,
    site: conceptText(immunization.site),
    doseNumber: doseNumber(immunization),
    note: note.filter(Boolean).join('\n\n') || null,
  }
}

function firstPractitioner(immunization: ImmunizationResource, context: MapContext): string | null {
  for (const performer of immunization.performer ?? []) {
    const found = context.rowId(performer.actor, 'Practitioner')
    if (found) return found
  }
  return null
}

/** `2` or, when the series is known, `2 of 3`. */
function doseNumber(immunization: ImmunizationResource): string | null {
  const protocol = immunization.protocolApplied?.[0]
  const dose = protocol?.doseNumberPositiveInt?.toString() ?? protocol?.doseNumberString
  const series = protocol?.seriesDosesPositiveInt?.toString() ?? protocol?.seriesDosesString
  return dose && series ? `${dose} of ${series}` : (dose ?? null)
}
