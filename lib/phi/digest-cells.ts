import 'server-only'

import { cellDigest } from '#lib/crypto/cell-digest.ts'
import { rowAddress } from '#lib/crypto/row-address.ts'
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
  const { owner } = row
  if (owner === null) return digests
  const written = Object.entries(sealed).flatMap(([name, text]) => {
    const field = model.encrypted.get(name)
    return field ? [{ column: field.cell, text }] : []
  })
  // Clearing a cell needs no key, so that it works also for a record whose keys are gone.
  const filled = written.some(({ text }) => typeof text === 'string')
  const key = filled ? await context.cellDigestKey() : undefined
  const address = rowAddress(row.id, owner)
  for (const { column, text } of written) {
    digests[column.id] = key && typeof text === 'string' ? cellDigest(key, column, address, text) : null
  }
  return digests
}
