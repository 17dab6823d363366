import 'server-only'

import { randomUUID } from 'node:crypto'
import { cellColumn } from '#lib/crypto/cell-column.ts'
import { openCell } from '#lib/crypto/open-cell.ts'
import { rowAddress } from '#lib/crypto/row-address.ts'
import { sealCell } from '#lib/crypto/seal-cell.ts'
import { KeysUnavailable } from '#lib/errors.ts'
import { processKeyStore } from '#lib/keys/process-key-store.ts'
import { withDataKeys } from '#lib/keys/with-data-keys.ts'

const owner = 'org:main'
const column = cellColumn('sealed-text.content', 'string', 64)

/** How many characters a text may have; forms refuse more before it comes here. */
export const sealedTextMax = 4000

/**
 * Seals what a member of staff wrote (a reason, a note on a review) for its row of app.sealed_text, under the
 * organisation's key and bound to that row. The SQL function that does the work inserts it in the same statement.
 * @param id the row's id, made by the caller
 * @throws RangeError when the text is longer than sealedTextMax
 */
export async function sealText(id: string, text: string): Promise<string> {
  if ([...text].length > sealedTextMax) throw new RangeError('the text is longer than a sealed text may be')
  const key = await (await processKeyStore()).dataKeyForWriting(owner)
  return sealCell(key, column, rowAddress(id, owner), text)
}

/**
 * Opens sealed texts of app.sealed_text: the caller has read them by an SQL function that let them have them.
 * @returns the texts by id
 * @throws KeysUnavailable when the key is missing
 * @throws CryptoError when a text was altered or is another row's
 */
export async function openTexts(
  rows: readonly { id: string; sealed: string }[],
): Promise<ReadonlyMap<string, string>> {
  if (rows.length === 0) return new Map()
  return withDataKeys(await processKeyStore(), new Set([owner]), (found) => {
    const keys = found.get(owner)
    if (!keys) throw new KeysUnavailable('the organisation has no data key')
    return new Map(rows.map(({ id, sealed }) => [id, openCell(keys, column, rowAddress(id, owner), sealed)]))
  })
}

/** A new text, sealed for a row of its own, with that row's id. @throws as sealText */
export async function sealNewText(text: string): Promise<{ id: string; sealed: string }> {
  const id = randomUUID()
  return { id, sealed: await sealText(id, text) }
}
