import 'server-only'

import { statementName } from '#lib/db/statement-name.ts'
import { AuditUnavailable, RecordUnavailable } from '#lib/errors.ts'
import { currentUnit } from '#lib/phi/unit.ts'
import { withRecord } from '#lib/phi/with-record.ts'
import type { Actor } from '#lib/policy/actor.ts'

/** Rows in one unit of work: an admission lives 15 seconds. */
const atOnce = 1000

const effect = "SELECT audit.effect($1, 'UPDATE', coalesce(audit.attest($4), $2), '{}', $3::text[], NULL)"

/** Whoever renews the patient's tokens holds the patient: what is not yet committed would be overlooked, so it is waited for. */
const hold = 'SELECT FROM phi.patient WHERE id = $1 FOR NO KEY UPDATE'

const removals = [
  'DELETE FROM phi.search_token WHERE patient_id = $1 AND $2 > 0',
  `UPDATE phi.patient SET mrn_token = NULL, mrn_token_even = NULL
    WHERE id = $1 AND $2 > 0 AND (mrn_token IS NOT NULL OR mrn_token_even IS NOT NULL)`,
  `UPDATE phi.observation SET code_token = NULL
    WHERE id IN (SELECT id FROM phi.observation WHERE patient_id = $1 AND code_token IS NOT NULL LIMIT $2)`,
  // History has kept no tokens since index keys can be replaced; what is older may have.
  `UPDATE phi.row_history SET "row" = phi.without_tokens("row")
    WHERE id IN (SELECT id FROM phi.row_history WHERE patient_id = $1
      AND jsonb_exists_any("row", ARRAY['mrn_token', 'mrn_token_even', 'code_token']) LIMIT $2)`,
]

/**
 * Removes everything that a patient can be found by, in as many units of work as it takes. Each names what it changes in the
 * trail, as every change does. Doing it again does no harm.
 * @param job a session of the job `key-shredding`
 * @returns how many rows lost a token; null when there is no such patient here
 */
export async function removeTokensOf(job: Actor, patientId: string): Promise<number | null> {
  for (let removed = 0; ;) {
    const now = await removeSome(job, patientId)
    if (now === null) return null
    if (now === 0) return removed
    removed += now
  }
}

async function removeSome(job: Actor, patientId: string): Promise<number | null> {
  const outcome = await withRecord(
    job,
    { view: 'key-shredding', action: 'UPDATE', patients: [patientId] },
    async () => {
      await writeEffect(patientId, 'Patient', ['mrnToken', 'mrnTokenEven'])
      await writeEffect(patientId, 'Observation', ['codeToken'])
      await send(hold, [patientId])
      let removed = 0
      for (const removal of removals) removed += await send(removal, [patientId, atOnce])
      return removed
    },
  )
  return outcome.kind === 'granted' ? outcome.value : null
}

async function writeEffect(patientId: string, model: string, fields: readonly string[]): Promise<void> {
  const attestation = currentUnit().attestEffects([[patientId, 'UPDATE', model, null]])
  try {
    await currentUnit().connection.query({
      name: statementName(effect),
      text: effect,
      values: [patientId, model, fields, attestation],
    })
  } catch (error) {
    throw new AuditUnavailable('the change could not be recorded', { cause: error })
  }
}

async function send(text: string, values: unknown[]): Promise<number> {
  try {
    const result = await currentUnit().connection.query({ name: statementName(text), text, values })
    return result.rowCount ?? 0
  } catch (error) {
    throw new RecordUnavailable('tokens could not be removed', { cause: error })
  }
}
