import 'server-only'

import { statementName } from '#lib/db/statement-name.ts'
import { AuditUnavailable } from '#lib/errors.ts'
import type { FieldsByModel } from '#lib/phi/types.ts'
import type { Unit } from '#lib/phi/unit.ts'
import { withRecord } from '#lib/phi/with-record.ts'
import type { Actor } from '#lib/policy/actor.ts'
import type { SealedRow } from './open-values.ts'

/**
 * One unit of the job that renews search tokens. `work` gets the patients that were admitted.
 * @throws AuditUnavailable when nobody was, beside what withRecord throws
 */
export async function inUnit<T>(
  actor: Actor,
  { patients, fields }: { patients: readonly string[]; fields: FieldsByModel },
  work: (patients: string[]) => Promise<T>,
): Promise<T> {
  const access = { view: 'search-index', action: 'UPDATE', patients, fields } as const
  const outcome = await withRecord(actor, access, (_record, admitted) => work(admitted))
  if (outcome.kind === 'denied')
    throw new AuditUnavailable(`the renewal of the search index was not admitted: ${outcome.reason}`)
  return outcome.value
}

/** Sends a statement of this unit. */
export async function send(unit: Unit, text: string, values: readonly unknown[]): Promise<number> {
  const result = await unit.connection.query({ name: statementName(text), text, values: [...values] })
  return result.rowCount ?? 0
}

/** Rows with `id`, `patientId` and sealed fields by their names. */
export async function rowsOf(unit: Unit, text: string, values: readonly unknown[]): Promise<SealedRow[]> {
  const result = await unit.connection.query<{ id: string; patientId: string }>({
    name: statementName(text),
    text,
    values: [...values],
  })
  return result.rows.map(({ id, patientId, ...cells }) => ({ id, patientId, cells }))
}

const destroyedText = 'SELECT audit.destroyed($1::uuid[]) AS destroyed'

/**
 * Whose record is being destroyed, or is. Asked while the rows are held: whoever begins to destroy one later takes the tokens
 * away after this unit, because that job has to hold them too.
 */
export async function destroyedOf(unit: Unit, patients: readonly string[]): Promise<Set<string>> {
  const result = await unit.connection.query<{ destroyed: string[] }>({
    name: statementName(destroyedText),
    text: destroyedText,
    values: [patients],
  })
  return new Set(result.rows[0]?.destroyed)
}
