import 'server-only'

import { CryptoError } from '#lib/crypto/crypto-error.ts'
import type { DataKeys } from '#lib/crypto/data-keys.ts'
import { openCell } from '#lib/crypto/open-cell.ts'
import { rowAddress } from '#lib/crypto/row-address.ts'
import type { KeyStore } from '#lib/keys/key-store.ts'
import { modelOf } from '#lib/phi/registry.ts'
import type { UnreadableCell } from '#lib/phi/rotate/types.ts'
import type { Unit } from '#lib/phi/unit.ts'

/** A row's sealed fields as they were read, and whose it is. */
export type SealedRow = {
  readonly id: string
  readonly patientId: string
  readonly cells: Readonly<Record<string, string | null>>
}

/**
 * The values of a row that its tokens are made of. A patient whose keys were destroyed has none: `shredded`, and the tokens are
 * to go, if the destruction was interrupted before it took them away.
 */
export type OpenedRow =
  | { readonly kind: 'values'; readonly values: Readonly<Record<string, unknown>> }
  | { readonly kind: 'shredded' }
  | { readonly kind: 'unreadable'; readonly cell: UnreadableCell }

/** A cell may name a version that was made after the keys were cached: the next pass asks for them anew. */
export function dropOvertaken(keys: KeyStore, opened: readonly OpenedRow[]): UnreadableCell[] {
  const cells = opened.flatMap((each) => (each.kind === 'unreadable' ? [each.cell] : []))
  for (const { code, ownerId } of cells) if (code === 'KEY_UNKNOWN') keys.dropCachedKeys(ownerId)
  return cells
}

/** Opens the named fields of a row, for its tokens alone. @throws UndeclaredField for one that the admission does not name */
export function openValues(
  unit: Unit,
  modelName: string,
  row: SealedRow,
  keys: DataKeys | undefined,
): OpenedRow {
  const model = modelOf(modelName)
  const address = rowAddress(row.id, row.patientId)
  const values: Record<string, unknown> = {}
  for (const [name, text] of Object.entries(row.cells)) {
    unit.assertDeclared(model.name, name)
    const field = model.encrypted.get(name)
    if (text === null || !field) continue
    const fault = (code: string): OpenedRow => ({
      kind: 'unreadable',
      cell: { model: model.name, column: name, rowId: row.id, ownerId: row.patientId, code },
    })
    if (!keys) return fault('KEY_UNKNOWN')
    try {
      values[name] = openCell(keys, field.cell, address, text)
    } catch (error) {
      if (!(error instanceof CryptoError)) throw error
      return error.code === 'KEY_DESTROYED' ? { kind: 'shredded' } : fault(error.code)
    }
  }
  return { kind: 'values', values }
}
