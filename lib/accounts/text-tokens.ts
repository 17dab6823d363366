import 'server-only'

import { blindIndexes, indexColumn } from '#lib/crypto/blind-index.ts'
import { processKeyStore } from '#lib/keys/process-key-store.ts'

const reasonIndex = indexColumn('break-glass.reason', 'exact-1')

/**
 * Keyed tokens of a text, under every live index key: two texts of the same words share one, whatever their case and punctuation, and
 * nothing else can be told from them. They are not renewed with the key: words from before a replacement of the index key are no longer
 * known again.
 * @returns none when nothing is left of the text after normalisation
 */
export async function reasonTokens(text: string): Promise<Buffer[]> {
  const keys = await (await processKeyStore()).indexKeys()
  const same = text
    .normalize('NFKC')
    .toLocaleLowerCase('en-US')
    .replaceAll(/[^\p{L}\p{N}]+/gu, ' ')
    .trim()
  return blindIndexes(keys, reasonIndex, same).map((token) => Buffer.from(token.bytes))
}
