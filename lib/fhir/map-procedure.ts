import { conceptText, conceptTexts, readConcept, snomed } from './concept.ts'
import { notesText } from './notes-text.ts'
import type { MapContext } from './map-context.ts'
import { momentEnd, momentStart, momentText } from './moment.ts'
import type { ProcedureRow } from './rows.ts'
import type { ProcedureResource } from './schema/clinical.ts'

/** FHIR Procedure → phi.procedure. When it was done, if known only in words, goes before the note. */
export function mapProcedure(procedure: ProcedureResource, context: MapContext): ProcedureRow {
  const coded = readConcept(procedure.code, [snomed])
  const performed = {
    dateTime: procedure.performedDateTime,
    period: procedure.performedPeriod,
    age: procedure.performedAge,
    range: procedure.performedRange,
    words: procedure.performedString,
  }
  const words = momentText(performed)
  const referred = (procedure.reasonReference ?? []).map(
    (reference) =>
      conceptText(context.resource(reference, 'Condition')?.code) ?? reference.display?.trim() ?? null,
  )
  return {
    id: context.id,
    patientId: context.patientId,
    encounterId: context.rowId(procedure.encounter, 'Encounter'),
    status: procedure.status,
    performedAt: momentStart(performed),
    performedUntil: momentEnd(performed),
    codeSystem: coded?.codeSystem ?? null,
    code: coded?.code ?? null,
    display: coded?.display ?? 'Not stated',
    reason:
      conceptTexts(procedure.reasonCode) ?? (referred.filter((text) => text !== null).join('; ') || null),
    note: [words ? `Done: ${words}` : null, notesText(procedure.note)].filter(Boolean).join('\n\n') || null,
  }
}
