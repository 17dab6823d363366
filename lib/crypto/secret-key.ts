import { createSecretKey, randomBytes, type KeyObject } from 'node:crypto'

import { CryptoError } from './crypto-error.ts'

const inspectCustom = Symbol.for('nodejs.util.inspect.custom')

/** The key itself is asked: one that came from another bundle of this process has private fields of another class. */
const opening: unique symbol = Symbol.for('vigil.secret-key.opening')

/**
 * 32 bytes of key material that cannot be printed: `console.log`, `util.inspect`, string joins and
 * JSON all show `[key]`. The bytes live in a KeyObject behind a private field and are reached only
 * through {@link keyObjectOf}, which is easy to search for.
 */
export class SecretKey {
  readonly #object: KeyObject

  /** @throws CryptoError VALUE unless `bytes` is exactly 32 long. The caller's copy is overwritten with zeros. */
  constructor(bytes: Uint8Array) {
    if (bytes.byteLength !== 32) throw new CryptoError('VALUE', 'secret-key', 'a key is 32 bytes long')
    this.#object = createSecretKey(bytes)
    bytes.fill(0)
  }

  /** A new key from the system's generator. */
  static random(): SecretKey {
    return new SecretKey(randomBytes(32))
  }

  /** @internal use {@link keyObjectOf} */
  [opening](): KeyObject {
    return this.#object
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

/** The KeyObject for handing to node:crypto. For lib/crypto and key providers only. */
export function keyObjectOf(key: SecretKey): KeyObject {
  return key[opening]()
}
