import 'server-only'

import { indexKeys, type IndexKeys } from '#lib/crypto/index-keys.ts'
import type { SecretKey } from '#lib/crypto/secret-key.ts'
import { NotConfigured } from '#lib/errors.ts'
import { loadVersions, type KeySource } from './load-keys.ts'

/** Owner of the root keys; there is one organisation. */
export const organisation = 'org:main'

/**
 * The roots of the blind indexes: every version that is written or searched by.
 * @throws NotConfigured when the store was never initialised
 */
export async function readIndexKeys(source: KeySource, signal: AbortSignal): Promise<IndexKeys> {
  const versions = await rootVersions(source, 'index-root', signal)
  const active = versions.find((each) => each.state === 'active')
  if (!active) throw notInitialised()
  return indexKeys(active.version, new Map(versions.map((each) => [each.version, each.key])))
}

/**
 * The root of record ids, pseudonyms and digests.
 * @throws NotConfigured when the store was never initialised
 */
export async function readIdentityKey(source: KeySource, signal: AbortSignal): Promise<SecretKey> {
  const [first] = await rootVersions(source, 'identity-root', signal)
  if (!first) throw notInitialised()
  return first.key
}

async function rootVersions(source: KeySource, purpose: 'index-root' | 'identity-root', signal: AbortSignal) {
  const versions = (await loadVersions(source, purpose, [organisation], signal)).get(organisation) ?? []
  return versions.flatMap(({ version, state, key }) => (key ? [{ version, state, key }] : []))
}

function notInitialised(): NotConfigured {
  return new NotConfigured('The key store has no usable root keys: run "npm start" or "vigil migrate" first.')
}
