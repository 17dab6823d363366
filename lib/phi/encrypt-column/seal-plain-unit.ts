import 'server-only'

import { cellDigest } from '#lib/crypto/cell-digest.ts'
import { rowAddress } from '#lib/crypto/row-address.ts'
import { sealCell } from '#lib/crypto/seal-cell.ts'
import { statementName } from '#lib/db/statement-name.ts'
import type { KeyStore } from '#lib/keys/key-store.ts'
import type { Actor } from '#lib/policy/actor.ts'
import { unitKeys } from '#lib/phi/rotate/unit-keys.ts'
import { currentUnit, type Unit } from '#lib/phi/unit.ts'
import { withRecord } from '#lib/phi/with-record.ts'
import { valueOf, type ColumnInTransit } from './column-in-transit.ts'

/** What is read and how it is written back; another in tests, to show what the comparison is for. */
export const sealStatements = {
  read: 'SELECT id, patient_id, row_version, plain FROM phi.plain_to_seal($1, $2, $3::uuid[], $4)',
  write: 'SELECT phi.seal_plain($1, $2, $3, $4, $5::jsonb) AS changed',
  readHistory: 'SELECT id, patient_id, row_id, plain FROM phi.plain_history_to_seal($1, $2, $3::uuid[], $4)',
  writeHistory: 'SELECT phi.seal_plain_history($1, $2, $3::jsonb) AS changed',
} as const
export type SealStatements = Readonly<Record<keyof typeof sealStatements, string>>

export type SealPart = 'rows' | 'history'

type Read = { id: string; patient_id: string; row_id?: string; row_version?: number; plain: string | null }

/**
 * One unit of encrypting a column: admitted like any access, it reads plain values, seals each for its place, and writes
 * the ciphertext where the row is still what was read. Whatever somebody changed in between waits for the next pass.
 * @param part rows as they are, or earlier versions of them
 * @param patients at most 50
 * @param rowsMax that one unit takes
 * @returns how many rows were read, and how many of them are sealed now
 * @throws AuditUnavailable, KeysUnavailable, and pg's errors
 */
export async function sealPlainUnit(
  actor: Actor,
  keys: KeyStore,
  of: ColumnInTransit,
  part: SealPart,
  patients: readonly string[],
  rowsMax: number,
  statements: SealStatements = sealStatements,
): Promise<{ read: number; changed: number }> {
  const access = { view: 'key-rotation', action: 'UPDATE', patients, fields: {} } as const
  const outcome = await withRecord(actor, access, async (_record, granted) => {
    const unit = currentUnit()
    const rows = await ask<Read>(unit, part === 'rows' ? statements.read : statements.readHistory, [
      of.table,
      of.column,
      granted,
      rowsMax,
    ])
    if (rows.length === 0) return { read: 0, changed: 0 }
    const sealed = JSON.stringify(await seal(keys, of, rows))
    const [answer] =
      part === 'rows'
        ? await ask<{ changed: number }>(unit, statements.write, [
            of.table,
            of.model,
            of.column,
            of.field,
            sealed,
          ])
        : await ask<{ changed: number }>(unit, statements.writeHistory, [of.table, of.column, sealed])
    return { read: rows.length, changed: answer?.changed ?? 0 }
  })
  return outcome.kind === 'granted' ? outcome.value : { read: 0, changed: 0 }
}

async function seal(keys: KeyStore, of: ColumnInTransit, rows: readonly Read[]): Promise<object[]> {
  const unitOf = await unitKeys(keys, [...new Set(rows.map((row) => row.patient_id))], true)
  return rows.map(({ id, patient_id: patient, row_id: rowId = id, row_version: version, plain }) => {
    const key = unitOf.sealing.get(patient)
    if (!key || !unitOf.digest) throw new Error('a key for each patient, or an error')
    const address = rowAddress(rowId, patient)
    const sealed = plain === null ? null : sealCell(key, of.cell, address, valueOf(of, plain))
    const digests = {
      [of.cell.id]: sealed === null ? null : cellDigest(unitOf.digest, of.cell, address, sealed),
    }
    return { id, patient, version, plain, sealed, digests }
  })
}

async function ask<R extends object>(unit: Unit, text: string, values: unknown[]): Promise<R[]> {
  return (await unit.connection.query<R>({ name: statementName(text), text, values })).rows
}
