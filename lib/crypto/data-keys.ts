import { CryptoError } from './crypto-error.ts'
import { keyObjectOf, type SecretKey } from './secret-key.ts'
import type { KeyObject } from 'node:crypto'

const inspectCustom = Symbol.for('nodejs.util.inspect.custom')

/*
 * The key itself is asked, through a method of its own: Next.js loads this module once for each bundle of a process,
 * and the private fields of a key that another bundle has put into the shared store cannot be read from outside.
 */
const sealing: unique symbol = Symbol.for('vigil.data-key.sealing')
const opening: unique symbol = Symbol.for('vigil.data-key.opening')

/** Life of a key version. Only `active` encrypts; `active` and `decrypt_only` decrypt. */
export const keyStates = ['pending', 'active', 'decrypt_only', 'disabled', 'destroyed'] as const
export type KeyState = (typeof keyStates)[number]

/** Why a version that exists cannot be used: its state, or that what is stored of it does not unwrap. */
export type ClosedState = KeyState | 'unreadable'

/**
 * Encryptions after which a data key version refuses. NIST SP 800-38D §8.3 allows 2^32 with random
 * 96-bit nonces; half of it leaves room for counts that a killed process never handed in.
 */
export const encryptionLimit = 2 ** 31

/** One version of one owner's data key. Cannot be printed; counts its own encryptions. */
export class DataKey {
  readonly ownerId: string
  readonly version: number
  readonly state: KeyState
  readonly #object: KeyObject
  readonly #limit: number
  #encryptions: number
  #unreported = 0
  #used: ((key: DataKey) => void) | undefined

  constructor(of: {
    ownerId: string
    version: number
    state: KeyState
    key: SecretKey
    encryptions?: number
    limit?: number
  }) {
    if (!Number.isInteger(of.version) || of.version < 1 || of.version > 0xffffffff) {
      throw new CryptoError('VALUE', 'data-key', 'a version is a whole number from 1 to 2^32 - 1')
    }
    this.ownerId = of.ownerId
    this.version = of.version
    this.state = of.state
    this.#object = keyObjectOf(of.key)
    this.#encryptions = of.encryptions ?? 0
    this.#limit = of.limit ?? encryptionLimit
  }

  /** Encryptions under this version that this process knows of. */
  get encryptions(): number {
    return this.#encryptions
  }

  get exhausted(): boolean {
    return this.#encryptions >= this.#limit
  }

  /** @internal the key for one more encryption; refuses what state or count forbid */
  static toSeal(key: DataKey, place: string): KeyObject {
    return key[sealing](place)
  }

  /** @internal the key for decryption */
  static toOpen(key: DataKey, place: string): KeyObject {
    return key[opening](place)
  }

  [sealing](place: string): KeyObject {
    if (this.state !== 'active') throw refusalByState(this.state, place)
    if (this.#encryptions >= this.#limit) {
      throw new CryptoError('KEY_EXHAUSTED', place, 'this key version has encrypted as often as it may')
    }
    this.#encryptions += 1
    this.#unreported += 1
    if (this.#unreported === 1) this.#used?.(this)
    return this.#object
  }

  [opening](place: string): KeyObject {
    if (this.state !== 'active' && this.state !== 'decrypt_only') throw refusalByState(this.state, place)
    return this.#object
  }

  /**
   * Calls back when there is something to report, once until it was taken: whoever counts need not hold on to a key that does
   * nothing, nor miss one that somebody held for a while before it encrypted.
   */
  whenUsed(used: (key: DataKey) => void): void {
    this.#used = used
    if (this.#unreported > 0) used(this)
  }

  /** Encryptions since the last call; the key store adds them to its own count. */
  takeUnreported(): number {
    const count = this.#unreported
    this.#unreported = 0
    return count
  }

  /** Gives a count back that could not be added. */
  returnUnreported(count: number): void {
    this.#unreported += count
  }

  toJSON(): string {
    return '[key]'
  }

  toString(): string {
    return '[key]'
  }

  [inspectCustom](): string {
    return '[key]'
  }
}

function refusalByState(state: ClosedState, place: string): CryptoError {
  if (state === 'unreadable')
    return new CryptoError('KEY_UNREADABLE', place, 'this key version does not unwrap')
  if (state === 'destroyed') return new CryptoError('KEY_DESTROYED', place, 'this key version was destroyed')
  if (state === 'pending') return new CryptoError('KEY_PENDING', place, 'this key version is not in use yet')
  return new CryptoError('KEY_DISABLED', place, `a key version that is ${state} may not be used for this`)
}

/** All versions of one owner's data key that this process may know. */
export class DataKeys {
  readonly ownerId: string
  readonly #versions = new Map<number, DataKey>()
  readonly #closed = new Map<number, ClosedState>()
  #active: DataKey | undefined

  /**
   * `closed` names versions that exist without usable bytes, so that the refusal can say so.
   * @throws CryptoError WRONG_OWNER for a key of another owner, KEYRING for two active versions
   */
  constructor(
    ownerId: string,
    keys: readonly DataKey[],
    closed: ReadonlyMap<number, ClosedState> = new Map(),
  ) {
    this.ownerId = ownerId
    for (const key of keys) {
      if (key.ownerId !== ownerId) throw new CryptoError('WRONG_OWNER', 'data-keys', 'a key of another owner')
      if (key.state === 'active') {
        if (this.#active) throw new CryptoError('KEYRING', 'data-keys', 'two versions are active')
        this.#active = key
      }
      this.#versions.set(key.version, key)
    }
    for (const [version, state] of closed) this.#closed.set(version, state)
  }

  /** The version that new cells are sealed under, if there is one. */
  get active(): DataKey | undefined {
    return this.#active
  }

  /** Versions that exist and cannot be used, with the reason. */
  get closed(): ReadonlyMap<number, ClosedState> {
    return this.#closed
  }

  /** Every version held, oldest first. */
  get versions(): readonly DataKey[] {
    return [...this.#versions.values()].sort((a, b) => a.version - b.version)
  }

  /**
   * The version a cell names.
   * @throws CryptoError KEY_UNKNOWN, KEY_DISABLED or KEY_DESTROYED
   */
  version(version: number, place: string): DataKey {
    const key = this.#versions.get(version)
    if (key) return key
    const state = this.#closed.get(version)
    if (state) throw refusalByState(state, place)
    throw new CryptoError('KEY_UNKNOWN', place, 'this owner has no such key version')
  }

  toJSON(): string {
    return '[keys]'
  }

  [inspectCustom](): string {
    return '[keys]'
  }
}
