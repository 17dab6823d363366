import { CryptoError } from './crypto-error.ts'
import type { KeyState } from './data-keys.ts'
import { SecretKey } from './secret-key.ts'

/** One version of the key-encryption key. A destroyed version is kept as a name without bytes. */
export type KeyringVersion = {
  readonly version: number
  readonly state: KeyState
  /** ISO 8601 */
  readonly createdAt: string
  readonly key: SecretKey | null
}

/**
 * The key-encryption keys of one installation. A keyring is a value: every change gives a new one whose serial number is
 * one higher, so that an older copy put back in its place can be told.
 */
export type Keyring = {
  readonly id: string
  readonly environment: string
  readonly serial: number
  readonly versions: readonly KeyringVersion[]
}

/* pending → active → decrypt_only ⇄ disabled → destroyed; a pending version that is not wanted may be destroyed. */
const transitions: Readonly<Record<KeyState, readonly KeyState[]>> = {
  pending: ['active', 'destroyed'],
  active: [],
  decrypt_only: ['disabled'],
  disabled: ['decrypt_only', 'destroyed'],
  destroyed: [],
}

/** A new keyring with one active version. */
export function createKeyring(id: string, environment: string, now: Date): Keyring {
  const first: KeyringVersion = {
    version: 1,
    state: 'active',
    createdAt: now.toISOString(),
    key: SecretKey.random(),
  }
  return checkKeyring({ id, environment, serial: 1, versions: [first] })
}

/** Adds a version that does nothing yet. */
export function addKeyringVersion(keyring: Keyring, now: Date): Keyring {
  const version = Math.max(...keyring.versions.map((each) => each.version)) + 1
  const added: KeyringVersion = {
    version,
    state: 'pending',
    createdAt: now.toISOString(),
    key: SecretKey.random(),
  }
  return checkKeyring({ ...keyring, serial: keyring.serial + 1, versions: [...keyring.versions, added] })
}

/**
 * Moves a version to another state. Making one active makes the former active one `decrypt_only` in the same step;
 * destroying one drops its bytes for good.
 * @throws CryptoError KEY_UNKNOWN, or KEYRING when the step is not allowed
 */
export function changeKeyringState(keyring: Keyring, version: number, state: KeyState): Keyring {
  const present = keyring.versions.find((each) => each.version === version)
  if (!present) throw new CryptoError('KEY_UNKNOWN', 'keyring', 'no such version')
  if (!transitions[present.state].includes(state)) {
    throw new CryptoError('KEYRING', 'keyring', `a version that is ${present.state} cannot become ${state}`)
  }
  const versions = keyring.versions.map((each): KeyringVersion => {
    if (each.version === version) return { ...each, state, key: state === 'destroyed' ? null : each.key }
    return state === 'active' && each.state === 'active' ? { ...each, state: 'decrypt_only' } : each
  })
  return checkKeyring({ ...keyring, serial: keyring.serial + 1, versions })
}

/**
 * The rules every keyring keeps: exactly one active version, versions unique and whole, bytes for all but the destroyed.
 * @throws CryptoError KEYRING
 */
export function checkKeyring(keyring: Keyring): Keyring {
  const refuse = (why: string) => new CryptoError('KEYRING', 'keyring', why)
  const numbers = keyring.versions.map((each) => each.version)
  if (new Set(numbers).size !== numbers.length) throw refuse('a version appears twice')
  if (numbers.some((number) => !Number.isInteger(number) || number < 1))
    throw refuse('versions are whole numbers from 1')
  if (keyring.versions.filter((each) => each.state === 'active').length !== 1) {
    throw refuse('exactly one version is active')
  }
  if (keyring.versions.some((each) => (each.key === null) !== (each.state === 'destroyed'))) {
    throw refuse('exactly the destroyed versions have no bytes')
  }
  if (!Number.isSafeInteger(keyring.serial) || keyring.serial < 1)
    throw refuse('the serial is a whole number from 1')
  return Object.freeze({
    ...keyring,
    versions: Object.freeze(keyring.versions.map((each) => Object.freeze(each))),
  })
}

/** The version that wraps new keys. */
export function activeKeyringVersion(keyring: Keyring): KeyringVersion & { key: SecretKey } {
  const active = keyring.versions.find((each) => each.state === 'active')
  if (!active?.key) throw new CryptoError('KEYRING', 'keyring', 'no version is active')
  return { ...active, key: active.key }
}

/**
 * The bytes of a version, for unwrapping.
 * @throws CryptoError KEY_UNKNOWN, KEY_DISABLED, KEY_DESTROYED, KEY_PENDING
 */
export function keyringKey(keyring: Keyring, version: number): SecretKey {
  const found = keyring.versions.find((each) => each.version === version)
  if (!found) throw new CryptoError('KEY_UNKNOWN', 'keyring', 'the keyring has no such version')
  if (found.state === 'disabled') throw new CryptoError('KEY_DISABLED', 'keyring', 'this version is disabled')
  if (found.state === 'pending')
    throw new CryptoError('KEY_PENDING', 'keyring', 'this version is not in use yet')
  if (!found.key) throw new CryptoError('KEY_DESTROYED', 'keyring', 'this version was destroyed')
  return found.key
}
