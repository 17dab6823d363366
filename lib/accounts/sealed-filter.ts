import 'server-only'

import { cellColumn } from '#lib/crypto/cell-column.ts'
import { openCell } from '#lib/crypto/open-cell.ts'
import { rowAddress } from '#lib/crypto/row-address.ts'
import { sealCell } from '#lib/crypto/seal-cell.ts'
import { KeysUnavailable } from '#lib/errors.ts'
import { processKeyStore } from '#lib/keys/process-key-store.ts'
import { withDataKeys } from '#lib/keys/with-data-keys.ts'

const owner = 'org:main'
const column = cellColumn('saved-filter.content', 'json', 64)

/** Seals what a row of app.saved_filter holds under the organisation's key, bound to the row's id. */
export async function sealFilterContent(id: string, content: unknown): Promise<string> {
  const key = await (await processKeyStore()).dataKeyForWriting(owner)
  return sealCell(key, column, rowAddress(id, owner), content as never)
}

/**
 * Opens what rows hold, in their order.
 * @throws KeysUnavailable when the organisation has no key, and what openCell throws for a damaged cell
 */
export async function openFilterContents(
  rows: readonly { id: string; sealed: string }[],
): Promise<unknown[]> {
  if (rows.length === 0) return []
  return withDataKeys(await processKeyStore(), new Set([owner]), (found) => {
    const keys = found.get(owner)
    if (!keys) throw new KeysUnavailable('the organisation has no data key')
    return rows.map(({ id, sealed }): unknown => openCell(keys, column, rowAddress(id, owner), sealed))
  })
}
