import 'server-only'

import { nowMilliseconds } from '#lib/clock.ts'
import type { KeyringDescription, KeyProvider } from './key-provider.ts'
import { keysUnder } from './keys-under.ts'
import type { KeySource } from './load-keys.ts'

/** A version of a provider's key-encryption key. */
export type FormerKekVersion = { readonly provider: string; readonly version: number }

/**
 * Destroys versions of the key-encryption key that are disabled, that no key is under, and that were replaced longer ago than
 * `seconds`: until then a backup of the key store may still need them. What was under a destroyed version opens nowhere any
 * more, in no backup either.
 * @param before called with each before it is destroyed; throws to keep it
 */
export async function destroyFormerVersions(
  source: KeySource,
  provider: KeyProvider,
  seconds: number,
  before: (version: FormerKekVersion) => Promise<void>,
  signal: AbortSignal,
): Promise<FormerKekVersion[]> {
  const keyring = await provider.describe(signal)
  const inUse = new Set(
    (await keysUnder(source.database))
      .filter((each) => each.provider === provider.id)
      .map((each) => each.version),
  )
  const due = keyring.versions.filter(
    (each) =>
      each.state === 'disabled' &&
      !inUse.has(each.version) &&
      replacedAt(keyring, each.version) <= nowMilliseconds() - seconds * 1000,
  )
  const destroyed: FormerKekVersion[] = []
  for (const { version } of due) {
    const named = { provider: provider.id, version }
    await before(named)
    await provider.custody.setState(version, 'destroyed', signal)
    destroyed.push(named)
  }
  return destroyed
}

/** When the next version was made: since then nothing new is under this one. */
function replacedAt({ versions }: KeyringDescription, version: number): number {
  const next = versions.filter((each) => each.version > version).toSorted((a, b) => a.version - b.version)[0]
  return next ? Date.parse(next.createdAt) : Infinity
}
