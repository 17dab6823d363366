import 'server-only'

import { statementName } from '#lib/db/statement-name.ts'
import { AuditUnavailable } from '#lib/errors.ts'
import type { FieldsByModel } from '#lib/phi/types.ts'
import type { Unit } from '#lib/phi/unit.ts'
import { withRecord } from '#lib/phi/with-record.ts'
import type { Actor } from '#lib/policy/actor.ts'
import type { SealedRow } from './open-values.ts'

/**
 * One unit of the job that renews search tokens.
 * @throws AuditUnavailable when it was not admitted, beside what withRecord throws
 */
export async function inUnit<T>(
  actor: Actor,
  { patients, fields }: { patients: readonly string[]; fields: FieldsByModel },
  work: () => Promise<T>,
): Promise<T> {
  const outcome = await withRecord(actor, { view: 'search-index', action: 'UPDATE', patients, fields }, work)
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
