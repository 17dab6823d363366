import 'server-only'

import { z } from 'zod'
import { cellColumn } from '#lib/crypto/cell-column.ts'
import { openCell } from '#lib/crypto/open-cell.ts'
import { rowAddress } from '#lib/crypto/row-address.ts'
import { sealCell } from '#lib/crypto/seal-cell.ts'
import { KeysUnavailable } from '#lib/errors.ts'
import { processKeyStore } from '#lib/keys/process-key-store.ts'
import { withDataKeys } from '#lib/keys/with-data-keys.ts'

const owner = 'org:main'
const column = cellColumn('mail.detail', 'json', 64)
const letter = z.object({ subject: z.string(), text: z.string() })

export type KeptLetter = z.infer<typeof letter>

/** Seals a letter that a demo keeps, for its row of app.mail_outbox. */
export async function sealLetter(id: string, kept: KeptLetter): Promise<string> {
  const key = await (await processKeyStore()).dataKeyForWriting(owner)
  return sealCell(key, column, rowAddress(id, owner), kept)
}

/** Opens one. @throws KeysUnavailable without the organisation's key; CryptoError when it is another row's */
export async function openLetter(id: string, sealed: string): Promise<KeptLetter> {
  return withDataKeys(await processKeyStore(), new Set([owner]), (found) => {
    const keys = found.get(owner)
    if (!keys) throw new KeysUnavailable('the organisation has no data key')
    return letter.parse(openCell(keys, column, rowAddress(id, owner), sealed))
  })
}
