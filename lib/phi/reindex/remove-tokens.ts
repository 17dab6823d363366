import 'server-only'

import { modelOf } from '#lib/phi/registry.ts'
import { currentUnit } from '#lib/phi/unit.ts'
import { writeEffects } from '#lib/phi/write-effects.ts'
import type { Actor } from '#lib/policy/actor.ts'
import { inUnit, rowsOf, send } from './in-unit.ts'
import { nothingRenewed, type Renewed } from './types.ts'

/** So few that the rows are held for some tenths of a second. */
const rowsMax = 2000

const holdPatients = `SELECT id, id AS "patientId" FROM phi.patient WHERE id = ANY ($1::uuid[]) ORDER BY id FOR NO KEY UPDATE SKIP LOCKED`
const holdContacts = `SELECT id, patient_id AS "patientId" FROM phi.patient_contact
  WHERE patient_id = ANY ($1::uuid[]) ORDER BY id FOR NO KEY UPDATE SKIP LOCKED`

const dead = (column: string) => `coalesce(get_byte(${column}, 0) = ANY ($2::integer[]), false)`
const numbers = `UPDATE phi.patient SET
    mrn_token = CASE WHEN ${dead('mrn_token')} THEN NULL ELSE mrn_token END,
    mrn_token_even = CASE WHEN ${dead('mrn_token_even')} THEN NULL ELSE mrn_token_even END
  WHERE id = ANY ($1::uuid[]) AND (${dead('mrn_token')} OR ${dead('mrn_token_even')})`

/** Of rows that are held, and of rows that are no more. */
const names = `DELETE FROM phi.search_token t WHERE t.patient_id = ANY ($1::uuid[]) AND t.key_version = ANY ($2::integer[])
  AND (t.row_id = ANY ($3::uuid[]) OR NOT EXISTS (SELECT FROM phi.patient p WHERE p.id = t.row_id)
    AND NOT EXISTS (SELECT FROM phi.patient_contact c WHERE c.id = t.row_id))`

const codes = `UPDATE phi.observation SET code_token = NULL WHERE id IN (
  SELECT id FROM phi.observation WHERE patient_id = ANY ($1::uuid[]) AND ${dead('code_token')}
  ORDER BY id LIMIT ${rowsMax} FOR NO KEY UPDATE SKIP LOCKED)`

const history = `UPDATE phi.row_history SET "row" = phi.without_tokens("row") WHERE id IN (
  SELECT id FROM phi.row_history WHERE patient_id = ANY ($1::uuid[])
    AND coalesce("row" ->> 'mrn_token', "row" ->> 'mrn_token_even', "row" ->> 'code_token') IS NOT NULL
  ORDER BY id LIMIT ${rowsMax} FOR NO KEY UPDATE SKIP LOCKED)`

/**
 * Takes tokens of key versions that no process uses any more from patients: one unit of work. Rows that somebody holds are
 * left for the next pass.
 * @param versions that are disabled or destroyed
 * @throws AuditUnavailable, KeysUnavailable, RecordUnavailable
 */
export function removeTokens(
  actor: Actor,
  wanted: readonly string[],
  versions: readonly number[],
): Promise<Renewed> {
  return inUnit(actor, { patients: wanted, fields: {} }, async (patients) => {
    const unit = currentUnit()
    const people = await rowsOf(unit, holdPatients, [patients])
    const contacts = await rowsOf(unit, holdContacts, [patients])
    const changes = [
      { model: modelOf('Patient'), plain: ['mrnToken', 'mrnTokenEven', 'searchToken'] },
      { model: modelOf('Observation'), plain: ['codeToken'] },
    ]
    await writeEffects(
      unit,
      changes.flatMap(({ model, plain }) =>
        patients.map((patient) => ({
          action: 'UPDATE' as const, model, rowId: patient, patient, encrypted: [], plain, cells: {},
        })),
      ),
    ) // prettier-ignore
    const held = people.map((row) => row.id)
    await send(unit, numbers, [held, versions])
    await send(unit, names, [patients, versions, [...held, ...contacts.map((row) => row.id)]])
    const codesChanged = await send(unit, codes, [patients, versions])
    const historyChanged = await send(unit, history, [patients])
    return {
      ...nothingRenewed,
      owners: patients.length,
      more: codesChanged === rowsMax || historyChanged === rowsMax,
    }
  })
}
