import 'server-only'

import { now } from '#lib/clock.ts'
import { CryptoError } from '#lib/crypto/crypto-error.ts'
import { ProviderDenial, ProviderOutage, type KeyCustody } from '#lib/keys/key-provider.ts'
import type { KeyringRecord } from '#lib/keys/keyring-record.ts'
import {
  addStoredVersion,
  changeStoredState,
  nextStoredVersion,
  type StoredKeyringVersion,
} from '#lib/keys/stored-keyring.ts'
import type { Transit, TransitKey } from './transit.ts'

/** Which version of Vault's own key this is; its number there may be another than ours. */
export function vaultVersionOf({ keyRef }: StoredKeyringVersion): number {
  const number = Number(/:v([1-9][0-9]*)$/.exec(keyRef ?? '')?.[1])
  if (!Number.isSafeInteger(number))
    throw new ProviderDenial('The record of a version does not name Vault’s key.')
  return number
}

/** What an operator may do, with a token whose policy allows it (docs/keys.md). */
export function vaultCustody(
  transit: Transit,
  record: KeyringRecord,
  { mount, key }: { mount: string; key: string },
): KeyCustody {
  async function known(signal: AbortSignal): Promise<TransitKey> {
    const found = await transit.read(signal)
    if (!found) throw new ProviderDenial(`Vault has no key ${mount}/keys/${key}.`)
    return requireSafeKey(found)
  }

  /** The newest version of the key in Vault, made now unless one is there that was never used. */
  async function freshVersion(used: number, signal: AbortSignal): Promise<number> {
    const present = await transit.read(signal)
    // Left by the operator who made the key, or by an attempt that was killed before it was recorded.
    if (present && present.latest_version > used) return requireSafeKey(present).latest_version
    if (present) await transit.rotate(signal)
    else await transit.create(signal)
    const made = (await known(signal)).latest_version
    if (made <= used) throw new ProviderOutage('Vault has made no new version of its key.')
    return made
  }

  return {
    async addVersion(signal) {
      let added = 0
      await record.change(async (ring) => {
        const used = Math.max(0, ...ring.versions.map(vaultVersionOf))
        const vaultVersion = await freshVersion(used, signal)
        added = nextStoredVersion(ring)
        return addStoredVersion(ring, {
          createdAt: now().toISOString(),
          keyRef: `${mount}/${key}:v${vaultVersion}`,
          wrapped: null,
        })
      }, signal)
      return added
    },
    async setState(version, state, signal) {
      await record.change(async (ring) => {
        const versions = changeStoredState(ring, version, state)
        if (versions === ring.versions) return versions
        const present = await known(signal)
        const lowest = (states: readonly StoredKeyringVersion['state'][]) =>
          Math.min(...versions.filter((each) => states.includes(each.state)).map(vaultVersionOf))
        const decrypts = lowest(['pending', 'active', 'decrypt_only'])
        if (state === 'destroyed') {
          const kept = lowest(['pending', 'active', 'decrypt_only', 'disabled'])
          const gone = versions.find((each) => each.version === version)
          if (gone && vaultVersionOf(gone) > kept)
            throw new CryptoError(
              'KEYRING',
              'keyring',
              'Vault destroys the oldest version first: destroy that one before',
            )
          await transit.configure(
            { min_decryption_version: decrypts, min_encryption_version: decrypts },
            signal,
          )
          await transit.trim(kept, signal)
        } else if (decrypts !== present.min_decryption_version) {
          await transit.configure({ min_decryption_version: decrypts, ...raised(present, decrypts) }, signal)
        }
        return versions
      }, signal)
    },
  }
}

/** Vault wants its lower bound for encryption, where one is set, at or above that for decryption. */
const raised = (present: TransitKey, decrypts: number): { min_encryption_version?: number } =>
  present.min_encryption_version > 0 && present.min_encryption_version < decrypts
    ? { min_encryption_version: decrypts }
    : {}

/** @throws ProviderDenial for a key that would not bind what it wraps, or that can leave Vault */
function requireSafeKey(key: TransitKey): TransitKey {
  if (key.type !== 'aes256-gcm96' || !key.derived) {
    throw new ProviderDenial(
      'Vault’s key must be of type aes256-gcm96 and derived: make one with derived=true.',
    )
  }
  if (key.exportable || key.allow_plaintext_backup) {
    throw new ProviderDenial('Vault’s key can be exported: make one that cannot, since this is never undone.')
  }
  return key
}
