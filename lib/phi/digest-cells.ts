import 'server-only'

import type { KeyObject } from 'node:crypto'
import { cellDigest } from '#lib/crypto/cell-digest.ts'
import { rowAddress, type RowAddress } from '#lib/crypto/row-address.ts'
import type { Args, OperationContext } from './operation-context.ts'
import type { Model } from './registry.ts'
import type { RowIdentity } from './resolve-rows.ts'

/** What each cell of a row holds after a change, by column id: the digest of its ciphertext, or null for none. */
export type CellDigests = Readonly<Record<string, string | null>>

/**
 * Digests of the cells that a change writes, for its entry in the trail.
 * @param sealed the row's fields as they are sent, ciphertexts among them
 */
export async function digestCells(
  context: OperationContext,
  model: Model,
  row: RowIdentity,
  sealed: Args,
): Promise<CellDigests> {
  const digests: Record<string, string | null> = {}
  if (row.owner === null) return digests
  let key: KeyObject | undefined
  let address: RowAddress | undefined
  for (const name in sealed) {
    const column = model.encrypted.get(name)?.cell
    if (!column) continue
    const text = sealed[name]
    // Clearing a cell needs no key, so that it works also for a record whose keys are gone.
    if (typeof text !== 'string') {
      digests[column.id] = null
      continue
    }
    key ??= await context.cellDigestKey()
    address ??= rowAddress(row.id, row.owner)
    digests[column.id] = cellDigest(key, column, address, text)
  }
  return digests
}
