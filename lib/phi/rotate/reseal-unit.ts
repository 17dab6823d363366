import 'server-only'

import { CryptoError } from '#lib/crypto/crypto-error.ts'
import { Connection } from '#lib/db/connection.ts'
import { pool } from '#lib/db/pools.ts'
import { statementName } from '#lib/db/statement-name.ts'
import { AuditUnavailable } from '#lib/errors.ts'
import type { KeyStore } from '#lib/keys/key-store.ts'
import { admit } from '#lib/phi/admit.ts'
import { rollBack } from '#lib/phi/run-unit.ts'
import type { Actor } from '#lib/policy/actor.ts'
import { resealRows, type OldRow, type ResealedRow } from './reseal-rows.ts'
import { sealedTables } from './sealed-tables.ts'
import { nothing, type Resealed, type Task } from './types.ts'
import { unitKeys } from './unit-keys.ts'

/** Rows that one unit takes; the database also stops at about four megabytes. */
const rowsMax = 1000

export const resealStatements = {
  read: 'SELECT id, patient_id, cells FROM phi.cells_to_reseal($1, $2::uuid[], $3::text[], $4::uuid, $5)',
  write: 'SELECT changed_rows, changed_cells FROM phi.reseal($1, $2, $3::jsonb, $4::jsonb)',
  readHistory:
    'SELECT id::text, patient_id, table_name, row_id, cells FROM phi.history_to_reseal($1::uuid[], $2::text[], $3::bigint, $4)',
  writeHistory: 'SELECT changed_rows, changed_cells FROM phi.reseal_history($1::jsonb)',
} as const

export type ResealStatements = Readonly<Record<keyof typeof resealStatements, string>>

/** One unit's outcome, and behind which row the next one begins; null when this one saw the last. */
export type UnitOutcome = Resealed & { readonly after: string | null }

/**
 * One unit of re-encryption: admitted like any access, it reads old cells, puts them under the present key version, and
 * exchanges them where each is still what was read; entries in the trail and the exchange are committed together.
 * A killed process leaves a whole unit or none.
 * @param after the row behind which to begin
 * @throws AuditUnavailable, KeysUnavailable, and pg's errors
 */
export async function resealUnit(
  actor: Actor,
  keys: KeyStore,
  task: Task,
  after: string | null,
  statements: ResealStatements = resealStatements,
): Promise<UnitOutcome> {
  const unitOf = await unitKeys(keys, task.patients, task.table !== 'row_history').catch(passOver)
  if (!unitOf) return { ...nothing, contended: task.cells, after: null }
  const connection = await Connection.borrow(pool('worker-record'), 'rotate.unit')
  try {
    const table = sealedTables.get(task.table)
    const fields: Record<string, string[]> = table
      ? { [table.model]: [...table.columns.values()].map(({ field }) => field) }
      : {}
    const { patients } = task
    const admission = await admit(connection, actor, {
      view: 'key-rotation',
      action: 'UPDATE',
      patients,
      fields,
    })
    if (admission.kind === 'denied')
      throw new AuditUnavailable(`the renewal of keys was not admitted: ${admission.reason}`)
    try {
      await admission.begun.done
      const versions = patients.map((patient) => hexVersion(unitOf.sealing.get(patient)?.version ?? 0))
      const rows = await readOld(connection, statements, task, versions, after)
      const { rows: fresh, unreadable } = resealRows(rows, unitOf)
      const last = rows.at(-1)?.id ?? null
      const written = await write(connection, statements, task.table, fresh)
      const offered = fresh.reduce((count, row) => count + Object.keys(row.new).length, 0)
      return { cells: written, contended: offered - written, unreadable, after: last }
    } catch (error) {
      await rollBack(connection)
      throw error
    }
  } catch (error) {
    passOver(error)
    return { ...nothing, contended: task.cells, after: null }
  } finally {
    connection.giveBack()
  }
}

/** As it stands in a cell's header. */
export const hexVersion = (version: number): string => version.toString(16).padStart(8, '0')

type Read = { id: string; patient_id: string; cells: Record<string, string> | null }
type ReadHistory = Read & { table_name: string; row_id: string }

async function readOld(
  connection: Connection,
  statements: ResealStatements,
  { table, patients }: Task,
  versions: readonly string[],
  after: string | null,
): Promise<OldRow[]> {
  if (table === 'row_history') {
    const text = statements.readHistory
    const values = [patients, versions, after, rowsMax]
    const { rows } = await connection.query<ReadHistory>({ name: statementName(text), text, values })
    return rows.map((row) => ({
      id: row.id, rowId: row.row_id, patientId: row.patient_id, cells: row.cells ?? {}, table: sealedTables.get(row.table_name),
    })) // prettier-ignore
  }
  const text = statements.read
  const values = [table, patients, versions, after, rowsMax]
  const { rows } = await connection.query<Read>({ name: statementName(text), text, values })
  return rows.map((row) => ({
    id: row.id, rowId: row.id, patientId: row.patient_id, cells: row.cells ?? {}, table: sealedTables.get(table),
  })) // prettier-ignore
}

async function write(
  connection: Connection,
  statements: ResealStatements,
  table: string,
  rows: readonly ResealedRow[],
): Promise<number> {
  if (rows.length === 0) {
    await rollBack(connection)
    return 0
  }
  const sealed = sealedTables.get(table)
  const text = sealed ? statements.write : statements.writeHistory
  const json = JSON.stringify(rows)
  const values = sealed ? [table, sealed.model, JSON.stringify(sealed.fieldNames), json] : [json]
  const result = await connection.query<{ changed_cells: number }>({
    name: statementName(text),
    text,
    values,
  })
  await connection.commit({ text: 'COMMIT' })
  return result.rows[0]?.changed_cells ?? 0
}

/** Faults that another attempt solves: somebody else was at it, or a key was used up or taken away in between. */
const passing = new Set(['40001', '40P01', '55P03', 'KEY_EXHAUSTED', 'KEY_DESTROYED', 'KEY_DISABLED'])

/** @throws whatever is not passing */
function passOver(error: unknown): undefined {
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  if (typeof code === 'string' && passing.has(code)) return undefined
  if (error instanceof CryptoError)
    throw new AuditUnavailable('a key cannot be sealed with', { cause: error })
  throw error
}
