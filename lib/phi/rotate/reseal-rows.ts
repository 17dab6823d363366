import 'server-only'

import type { KeyObject } from 'node:crypto'
import { cellDigest } from '#lib/crypto/cell-digest.ts'
import { CryptoError } from '#lib/crypto/crypto-error.ts'
import type { DataKey, DataKeys } from '#lib/crypto/data-keys.ts'
import { resealCell } from '#lib/crypto/reseal-cell.ts'
import { rowAddress } from '#lib/crypto/row-address.ts'
import type { SealedTable } from './sealed-tables.ts'
import type { UnreadableCell } from './types.ts'

/** A row with the cells that are on an older key version, by column. */
export type OldRow = {
  /** where the row lies: its id, or that of the earlier version */
  readonly id: string
  /** the row whose cells these are: what they are bound to */
  readonly rowId: string
  readonly patientId: string
  readonly cells: Readonly<Record<string, string>>
  /** the table whose columns they are; undefined for one that exists no more */
  readonly table: SealedTable | undefined
}

/** The same row as the database takes it: exchange `old` for `new`, if it is still what it was. */
export type ResealedRow = {
  readonly id: string
  readonly patient: string
  readonly old: Readonly<Record<string, string>>
  readonly new: Readonly<Record<string, string>>
  readonly digests: Readonly<Record<string, string>> | null
}

/** Keys of the patients of a unit: to open with, to seal with, and that of the digests (null where none are kept). */
export type UnitKeys = {
  readonly opening: ReadonlyMap<string, DataKeys>
  readonly sealing: ReadonlyMap<string, DataKey>
  readonly digest: KeyObject | null
}

/**
 * Puts the cells of rows under the present version of their patients' keys. One that does not open stays as it is, and holds
 * up no other.
 * @throws CryptoError KEY_EXHAUSTED, KEY_DISABLED, KEY_DESTROYED when a key that was fit to seal with is so no longer
 */
export function resealRows(
  rows: readonly OldRow[],
  keys: UnitKeys,
): { rows: ResealedRow[]; unreadable: UnreadableCell[] } {
  const unreadable: UnreadableCell[] = []
  const resealed = rows.flatMap((row) => {
    const one = resealRow(row, keys, unreadable)
    return Object.keys(one.new).length === 0 ? [] : [one]
  })
  return { rows: resealed, unreadable }
}

function resealRow(row: OldRow, keys: UnitKeys, unreadable: UnreadableCell[]): ResealedRow {
  const { id, rowId, patientId, cells, table } = row
  const old: Record<string, string> = {}
  const fresh: Record<string, string> = {}
  const digests: Record<string, string> = {}
  const address = rowAddress(rowId, patientId)
  const opening = keys.opening.get(patientId)
  const sealing = keys.sealing.get(patientId)
  for (const [name, text] of Object.entries(cells)) {
    const place = { model: table?.model ?? 'RowHistory', column: name, rowId, ownerId: patientId }
    const column = table?.columns.get(name)
    if (!column || !opening || !sealing) {
      unreadable.push({ ...place, code: column ? 'KEY_UNKNOWN' : 'COLUMN_UNKNOWN' })
      continue
    }
    try {
      const sealed = resealCell(opening, sealing, column.cell, address, text)
      old[name] = text
      fresh[name] = sealed
      if (keys.digest) digests[column.cell.id] = cellDigest(keys.digest, column.cell, address, sealed)
    } catch (error) {
      if (!(error instanceof CryptoError) || isOfSealing(error, sealing)) throw error
      unreadable.push({ ...place, code: error.code })
    }
  }
  return { id, patient: patientId, old, new: fresh, digests: keys.digest ? digests : null }
}

/** Whether it was the new key that refused, which is no fault of the cell's. */
function isOfSealing(error: CryptoError, sealing: DataKey): boolean {
  return error.code === 'KEY_EXHAUSTED' || sealing.state !== 'active'
}
