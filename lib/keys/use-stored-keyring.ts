import 'server-only'

import type { KeyContext } from '#lib/crypto/key-context.ts'
import { ProviderDenial, type UnwrapRefusal, type Wrapped } from './key-provider.ts'
import { activeStoredVersion, type StoredKeyring, type StoredKeyringVersion } from './stored-keyring.ts'

/*
 * What every provider asks a keyring whose record is in the key store before it asks its device or service.
 */

/** @throws ProviderDenial when the key belongs to another keyring or environment */
export function requirePlace(ring: StoredKeyring, context: KeyContext): void {
  if (context.keyring !== ring.id || context.environment !== ring.environment) {
    throw new ProviderDenial('The key store belongs to another keyring.')
  }
}

/** @throws ProviderDenial when no version wraps */
export function requireActive(ring: StoredKeyring): StoredKeyringVersion {
  const active = activeStoredVersion(ring)
  if (!active) throw new ProviderDenial('The keyring has no version that wraps.')
  return active
}

/** Why a key is refused before anybody is asked; undefined when its version is in use. */
function refusalByRecord(ring: StoredKeyring, wrapped: Wrapped, provider: string): UnwrapRefusal | undefined {
  if (wrapped.provider !== provider) return { refused: 'unreadable' }
  const version = ring.versions.find((each) => each.version === wrapped.version)
  if (!version) return { refused: 'unreadable' }
  if (version.state === 'active' || version.state === 'decrypt_only') return undefined
  return { refused: version.state }
}

/** @throws ProviderDenial when there is no such version */
function usableVersion(ring: StoredKeyring, version: number): StoredKeyringVersion {
  const found = ring.versions.find((each) => each.version === version)
  if (!found) throw new ProviderDenial('The keyring has no such version.')
  return found
}

/** One key of a batch that the record lets through, with its version. */
export type Asked = {
  readonly wrapped: Wrapped
  readonly context: KeyContext
  readonly version: StoredKeyringVersion
}

/**
 * Answers what the record refuses without asking anybody, and asks for all others at once.
 * @throws ProviderDenial when a key belongs to another keyring
 */
export async function answerBatch<T extends object>(
  batch: readonly { wrapped: Wrapped; context: KeyContext }[],
  ring: StoredKeyring,
  provider: string,
  ask: (asked: readonly Asked[]) => Promise<(T | UnwrapRefusal)[]>,
): Promise<(T | UnwrapRefusal)[]> {
  const answers = new Map<number, T | UnwrapRefusal>()
  const asked: (Asked & { at: number })[] = []
  for (const [at, { wrapped, context }] of batch.entries()) {
    requirePlace(ring, context)
    const refused = refusalByRecord(ring, wrapped, provider)
    if (refused) answers.set(at, refused)
    else asked.push({ at, wrapped, context, version: usableVersion(ring, wrapped.version) })
  }
  const given = asked.length === 0 ? [] : await ask(asked)
  for (const [index, { at }] of asked.entries()) {
    const answer = given[index]
    if (answer) answers.set(at, answer)
  }
  return batch.map((_, at) => answers.get(at) ?? { refused: 'unreadable' })
}
