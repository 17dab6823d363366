import 'server-only'

import { CryptoError } from '#lib/crypto/crypto-error.ts'
import type { KeyState } from '#lib/crypto/data-keys.ts'
import type { KeyringDescription } from './key-provider.ts'

/** One version of a key-encryption key whose record is kept in the key store. A destroyed one is a name without bytes. */
export type StoredKeyringVersion = {
  readonly version: number
  readonly state: KeyState
  /** ISO 8601 */
  readonly createdAt: string
  /** what the provider calls it: the label of a key in a token, the id of a KMS key */
  readonly keyRef: string | null
  /** its bytes under the provider's root, for a provider that hands wrapped keys out (KMS); null where it keeps them itself */
  readonly wrapped: Uint8Array<ArrayBuffer> | null
}

/** The record of a keyring; a value, whose serial rises by one with every change. */
export type StoredKeyring = {
  readonly id: string
  readonly environment: string
  readonly serial: number
  readonly versions: readonly StoredKeyringVersion[]
}

/* pending → active → decrypt_only ⇄ disabled → destroyed, as for a keyring in a file. */
const transitions: Readonly<Record<KeyState, readonly KeyState[]>> = {
  pending: ['active', 'destroyed'],
  active: ['decrypt_only'],
  decrypt_only: ['disabled'],
  disabled: ['decrypt_only', 'destroyed'],
  destroyed: [],
}

/** The number that the next version gets. A destroyed version keeps its number. */
export const nextStoredVersion = (ring: StoredKeyring): number =>
  Math.max(0, ...ring.versions.map((each) => each.version)) + 1

/** The versions with a new one that wraps from now on; the former still unwraps. */
export function addStoredVersion(
  ring: StoredKeyring,
  made: Pick<StoredKeyringVersion, 'createdAt' | 'keyRef' | 'wrapped'>,
): readonly StoredKeyringVersion[] {
  const former = ring.versions.map((each): StoredKeyringVersion =>
    each.state === 'active' ? { ...each, state: 'decrypt_only' } : each,
  )
  return [...former, { ...made, version: nextStoredVersion(ring), state: 'active' }]
}

/**
 * The versions with one moved to another state; the same value when it is there already.
 * @throws CryptoError KEY_UNKNOWN, or KEYRING when the step is not allowed
 */
export function changeStoredState(
  ring: StoredKeyring,
  version: number,
  state: KeyState,
): readonly StoredKeyringVersion[] {
  const present = ring.versions.find((each) => each.version === version)
  if (!present) throw new CryptoError('KEY_UNKNOWN', 'keyring', 'no such version')
  if (present.state === state) return ring.versions
  if (present.state === 'active' || !transitions[present.state].includes(state))
    throw new CryptoError('KEYRING', 'keyring', `a version that is ${present.state} cannot become ${state}`)
  const changed = { ...present, state, wrapped: state === 'destroyed' ? null : present.wrapped }
  return ring.versions.map((each) => (each.version === version ? changed : each))
}

/** The version that wraps new keys, if there is one. */
export const activeStoredVersion = (ring: StoredKeyring): StoredKeyringVersion | undefined =>
  ring.versions.find((each) => each.state === 'active')

/** What a provider tells of a keyring whose record is in the key store. */
export const describeStored = ({ id, environment, serial, versions }: StoredKeyring): KeyringDescription => ({
  id,
  environment,
  serial,
  versions: versions.map(({ version, state, createdAt }) => ({ version, state, createdAt })),
})
