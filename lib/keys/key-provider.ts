import 'server-only'

import type { KeyState } from '#lib/crypto/data-keys.ts'
import type { KeyContext } from '#lib/crypto/key-context.ts'
import type { SecretKey } from '#lib/crypto/secret-key.ts'

/** A key under a provider's key-encryption key, as it is stored. */
export type Wrapped = {
  readonly provider: string
  /** version of the key-encryption key */
  readonly version: number
  readonly blob: Uint8Array<ArrayBuffer>
}

/** What unwrapping says about one key of a batch that it will not give out; the others are not affected. */
export type UnwrapRefusal = { readonly refused: 'unreadable' | 'disabled' | 'destroyed' | 'pending' }

export type KeyringDescription = {
  readonly id: string
  readonly environment: string
  /** rises with every change of the keyring; one that is lower than it once was is an old copy */
  readonly serial: number
  readonly versions: readonly {
    readonly version: number
    readonly state: KeyState
    readonly createdAt: string
  }[]
}

/**
 * Holder of the root keys. Every call may be given up by its signal. Failures are of two kinds, and callers treat them
 * differently: {@link ProviderOutage} (ask again later; what is cached stays good for a while) and
 * {@link ProviderDenial} (the answer is no; what is cached must be dropped at once).
 */
export interface KeyProvider {
  /** `file`, `aws-kms`, `vault`, `pkcs11` … */
  readonly id: string
  /** Wraps keys under the active version, each bound to its context. */
  wrap(batch: readonly { key: SecretKey; context: KeyContext }[], signal: AbortSignal): Promise<Wrapped[]>
  /** Unwraps many keys at once, in the order given. A key that fits another context is refused. */
  unwrap(
    batch: readonly { wrapped: Wrapped; context: KeyContext }[],
    signal: AbortSignal,
  ): Promise<(SecretKey | UnwrapRefusal)[]>
  /**
   * Puts many keys under the active version without handing them out (KMS ReEncrypt, transit rewrap), in the order given. A
   * key that does not unwrap is refused, the others are not affected.
   */
  rewrap(
    batch: readonly { wrapped: Wrapped; context: KeyContext }[],
    signal: AbortSignal,
  ): Promise<(Wrapped | UnwrapRefusal)[]>
  /** Which keyring this is, and the state of each version. */
  describe(signal: AbortSignal): Promise<KeyringDescription>
  health(signal: AbortSignal): Promise<'ok' | 'degraded' | 'denied'>
  /** For operators' verbs alone; a serving process never calls it. */
  readonly custody: KeyCustody
  /** Lets go of connections and sessions, where there are any. */
  close?(): Promise<void>
}

/** What an operator does to the versions of the key-encryption key. Two operators at once do no harm. */
export interface KeyCustody {
  /**
   * Makes a new version, and the one that wraps from now on; the former still unwraps. A new keyring has no version until the
   * first call. Killed at any instant, it leaves either nothing or the new version.
   * @returns its number, one above the highest there ever was
   */
  addVersion(signal: AbortSignal): Promise<number>
  /**
   * Moves a version that no longer wraps: decrypt_only ⇄ disabled → destroyed. Nothing happens when it is there already.
   * Destroying drops its bytes for good, wherever this provider keeps them.
   * @throws CryptoError KEY_UNKNOWN, or KEYRING when the step is not allowed
   */
  setState(
    version: number,
    state: 'decrypt_only' | 'disabled' | 'destroyed',
    signal: AbortSignal,
  ): Promise<void>
  /**
   * Renews what the versions themselves are kept under: the credential of the keyring file, the master key of a KMS. Missing
   * where there is no such thing, because the versions never leave the device or the service.
   */
  renewRoot?(signal: AbortSignal): Promise<void>
}

/** The provider cannot answer now: time-out, throttling, a missing disk. */
export class ProviderOutage extends Error {
  override readonly name = 'ProviderOutage'
}

/** The provider will not answer: disabled, no access, tampered with, rolled back. */
export class ProviderDenial extends Error {
  override readonly name = 'ProviderDenial'
}
