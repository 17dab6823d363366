import 'server-only'

import { cellColumn } from '#lib/crypto/cell-column.ts'
import { openCell } from '#lib/crypto/open-cell.ts'
import { rowAddress } from '#lib/crypto/row-address.ts'
import { sealCell } from '#lib/crypto/seal-cell.ts'
import { KeysUnavailable } from '#lib/errors.ts'
import { processKeyStore } from '#lib/keys/process-key-store.ts'
import { withDataKeys } from '#lib/keys/with-data-keys.ts'

const owner = 'org:main'
const column = cellColumn('access-review.note', 'string', 64)

/**
 * Seals what a reviewer wrote about a colleague under the organisation's key.
 * @param itemId row that it will stand in, and nowhere else opens
 * @throws KeysUnavailable
 */
export async function sealReviewNote(itemId: string, note: string): Promise<string> {
  const key = await (await processKeyStore()).dataKeyForWriting(owner)
  return sealCell(key, column, rowAddress(itemId, owner), note)
}

/**
 * Opens notes.
 * @param notes ciphertexts by the rows that they stand in
 * @returns texts by row; `null` for one that does not open any more
 * @throws KeysUnavailable
 */
export async function openReviewNotes(
  notes: ReadonlyMap<string, string>,
): Promise<ReadonlyMap<string, string | null>> {
  if (notes.size === 0) return new Map()
  return withDataKeys(await processKeyStore(), new Set([owner]), (found) => {
    const keys = found.get(owner)
    if (!keys) throw new KeysUnavailable('the organisation has no data key')
    return new Map(
      [...notes].map(([itemId, sealed]) => {
        try {
          const text = openCell(keys, column, rowAddress(itemId, owner), sealed)
          return [itemId, typeof text === 'string' ? text : null]
        } catch {
          return [itemId, null]
        }
      }),
    )
  })
}
