import { createHmac } from 'node:crypto'

import type { CellColumn } from './cell-column.ts'
import { deriveKey } from './derive-key.ts'
import { lengthPrefixed } from './length-prefixed.ts'
import type { RowAddress } from './row-address.ts'
import type { SecretKey } from './secret-key.ts'

/**
 * A keyed digest of a cell's ciphertext. Associated data cannot tell yesterday's ciphertext of the same cell from today's:
 * whoever can write the table can put an old value back, and it opens. Kept with each change in the trail, this
 * digest tells a verifier which ciphertext the cell should hold now.
 * @returns 32 bytes
 */
export function cellDigest(
  identity: SecretKey,
  column: CellColumn,
  row: RowAddress,
  cell: string,
): Uint8Array<ArrayBuffer> {
  const mac = createHmac('sha256', deriveKey(identity, 'cell-digest'))
    .update(lengthPrefixed(column.id, row.rowId, row.ownerId, cell))
    .digest()
  return new Uint8Array(mac)
}
