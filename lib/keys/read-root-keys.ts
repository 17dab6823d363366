import 'server-only'

import { indexKeys, type IndexKeys } from '#lib/crypto/index-keys.ts'
import type { SecretKey } from '#lib/crypto/secret-key.ts'
import { NotConfigured } from '#lib/errors.ts'
import { ProviderDenial } from './key-provider.ts'
import { loadVersions, type KeySource } from './load-keys.ts'

/** Owner of the root keys; there is one organisation. */
export const organisation = 'org:main'

/** States of a root whose tokens every process stores. */
const stored: ReadonlySet<string> = new Set(['pending', 'active', 'decrypt_only'])

/**
 * The roots of the blind indexes: every version whose tokens are stored, and the one that values are looked up by. One version
 * that does not open is no reason to go on with the other alone: what was stored then would not be found later.
 * @throws NotConfigured when the store was never initialised; ProviderDenial when a version does not open
 */
export async function readIndexKeys(source: KeySource, signal: AbortSignal): Promise<IndexKeys> {
  const versions = await rootVersions(source, 'index-root', signal)
  const active = versions.find((each) => each.state === 'active')
  if (!active) throw notInitialised()
  const live = versions.filter((each) => stored.has(each.state))
  const roots = live.map(({ version, key }) => {
    if (!key) throw new ProviderDenial('a root of the search index does not open')
    return [version, key] as const
  })
  return indexKeys(active.version, new Map(roots))
}

/**
 * The root of record ids, pseudonyms and digests.
 * @throws NotConfigured when the store was never initialised
 */
export async function readIdentityKey(source: KeySource, signal: AbortSignal): Promise<SecretKey> {
  const first = (await rootVersions(source, 'identity-root', signal)).find((each) => each.key)
  if (!first?.key) throw notInitialised()
  return first.key
}

async function rootVersions(source: KeySource, purpose: 'index-root' | 'identity-root', signal: AbortSignal) {
  return (await loadVersions(source, purpose, [organisation], signal)).get(organisation) ?? []
}

function notInitialised(): NotConfigured {
  return new NotConfigured('The key store has no usable root keys: run "npm start" or "vigil migrate" first.')
}
