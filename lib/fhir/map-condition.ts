import { conceptCode, conceptTexts, icd10, readConcept, snomed } from './concept.ts'
import { notesText } from './notes-text.ts'
import type { MapContext } from './map-context.ts'
import { momentStart, momentText } from './moment.ts'
import { startOf } from './partial-date.ts'
import type { ConditionRow } from './rows.ts'
import type { ConditionResource } from './schema/clinical.ts'

/** FHIR Condition → phi.condition. An onset that is not an instant is kept in words (`2019`, `age 42 years`). */
export function mapCondition(condition: ConditionResource, context: MapContext): ConditionRow {
  const coded = readConcept(condition.code, [snomed, icd10])
  const onset = {
    dateTime: condition.onsetDateTime,
    period: condition.onsetPeriod,
    age: condition.onsetAge,
    range: condition.onsetRange,
    words: condition.onsetString,
  }
  return {
    id: context.id,
    patientId: context.patientId,
    encounterId: context.rowId(condition.encounter, 'Encounter'),
    clinicalStatus: conceptCode(condition.clinicalStatus) ?? condition.clinicalStatus?.text ?? null,
    verificationStatus:
      conceptCode(condition.verificationStatus) ?? condition.verificationStatus?.text ?? null,
    onsetAt: momentStart(onset),
    abatedAt: startOf(condition.abatementDateTime ?? condition.abatementPeriod?.start),
    recordedAt: startOf(condition.recordedDate),
    category: conceptCode(condition.category?.[0]) ?? conceptTexts(condition.category),
    severity: conceptTexts(condition.severity ? [condition.severity] : undefined),
    codeSystem: coded?.codeSystem ?? null,
    code: coded?.code ?? null,
    display: coded?.display ?? 'Not stated',
    onsetText: momentText(onset),
    note: notesText(condition.note),
  }
}
