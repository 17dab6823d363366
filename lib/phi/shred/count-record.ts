import 'server-only'

import { statementName } from '#lib/db/statement-name.ts'
import { currentUnit } from '#lib/phi/unit.ts'
import { withRecord } from '#lib/phi/with-record.ts'
import type { Actor } from '#lib/policy/actor.ts'

/** Number of rows by table. */
export type RecordCounts = Readonly<Record<string, number>>

/** Every table of schema phi; a test holds it against the catalogue. */
export const countedTables = [
  'accounting_request', 'allergy_intolerance', 'care_relationship', 'claim', 'claim_line', 'concern',
  'concern_note', 'condition', 'coverage', 'diagnostic_report', 'disclosure', 'disclosure_suspension',
  'document_reference', 'encounter', 'explanation_of_benefit', 'immunization', 'medication_request',
  'note', 'note_version', 'observation', 'patient', 'patient_contact', 'patient_identifier', 'payment',
  'procedure', 'record_grant', 'row_history', 'search_token',
] as const // prettier-ignore

const text = `
  SELECT 'accounting_request' AS name, count(*)::int AS rows FROM phi.accounting_request WHERE patient_id = $1
  UNION ALL SELECT 'allergy_intolerance', count(*)::int FROM phi.allergy_intolerance WHERE patient_id = $1
  UNION ALL SELECT 'care_relationship', count(*)::int FROM phi.care_relationship WHERE patient_id = $1
  UNION ALL SELECT 'claim', count(*)::int FROM phi.claim WHERE patient_id = $1
  UNION ALL SELECT 'claim_line', count(*)::int FROM phi.claim_line WHERE patient_id = $1
  UNION ALL SELECT 'concern', count(*)::int FROM phi.concern WHERE patient_id = $1
  UNION ALL SELECT 'concern_note', count(*)::int FROM phi.concern_note WHERE patient_id = $1
  UNION ALL SELECT 'condition', count(*)::int FROM phi.condition WHERE patient_id = $1
  UNION ALL SELECT 'coverage', count(*)::int FROM phi.coverage WHERE patient_id = $1
  UNION ALL SELECT 'diagnostic_report', count(*)::int FROM phi.diagnostic_report WHERE patient_id = $1
  UNION ALL SELECT 'disclosure', count(*)::int FROM phi.disclosure WHERE patient_id = $1
  UNION ALL SELECT 'disclosure_suspension', count(*)::int FROM phi.disclosure_suspension WHERE patient_id = $1
  UNION ALL SELECT 'document_reference', count(*)::int FROM phi.document_reference WHERE patient_id = $1
  UNION ALL SELECT 'encounter', count(*)::int FROM phi.encounter WHERE patient_id = $1
  UNION ALL SELECT 'explanation_of_benefit', count(*)::int FROM phi.explanation_of_benefit WHERE patient_id = $1
  UNION ALL SELECT 'immunization', count(*)::int FROM phi.immunization WHERE patient_id = $1
  UNION ALL SELECT 'medication_request', count(*)::int FROM phi.medication_request WHERE patient_id = $1
  UNION ALL SELECT 'note', count(*)::int FROM phi.note WHERE patient_id = $1
  UNION ALL SELECT 'note_version', count(*)::int FROM phi.note_version WHERE patient_id = $1
  UNION ALL SELECT 'observation', count(*)::int FROM phi.observation WHERE patient_id = $1
  UNION ALL SELECT 'patient', count(*)::int FROM phi.patient WHERE id = $1
  UNION ALL SELECT 'patient_contact', count(*)::int FROM phi.patient_contact WHERE patient_id = $1
  UNION ALL SELECT 'patient_identifier', count(*)::int FROM phi.patient_identifier WHERE patient_id = $1
  UNION ALL SELECT 'payment', count(*)::int FROM phi.payment WHERE patient_id = $1
  UNION ALL SELECT 'procedure', count(*)::int FROM phi.procedure WHERE patient_id = $1
  UNION ALL SELECT 'record_grant', count(*)::int FROM phi.record_grant WHERE patient_id = $1
  UNION ALL SELECT 'row_history', count(*)::int FROM phi.row_history WHERE patient_id = $1
  UNION ALL SELECT 'search_token', count(*)::int FROM phi.search_token WHERE patient_id = $1`

/**
 * How much there is of a record: numbers of rows by table, and no value. Through the door, so it stands in the trail.
 * @param job a session of the job `key-shredding`
 * @returns null when there is no such patient
 */
export async function countRecord(job: Actor, patientId: string): Promise<RecordCounts | null> {
  const outcome = await withRecord(
    job,
    { view: 'key-shredding', action: 'READ', patients: [patientId] },
    async () => {
      const { rows } = await currentUnit().connection.query<{ name: string; rows: number }>({
        name: statementName(text),
        text,
        values: [patientId],
      })
      return Object.fromEntries(rows.map((row) => [row.name, row.rows]))
    },
  )
  return outcome.kind === 'granted' ? outcome.value : null
}
