import 'server-only'
import { stat } from 'node:fs/promises'

import { CryptoError } from '#lib/crypto/crypto-error.ts'
import type { KeyContext } from '#lib/crypto/key-context.ts'
import { activeKeyringVersion, keyringKey, type Keyring } from '#lib/crypto/keyring.ts'
import type { SecretKey } from '#lib/crypto/secret-key.ts'
import { unwrapKey } from '#lib/crypto/unwrap-key.ts'
import { wrapKey } from '#lib/crypto/wrap-key.ts'
import {
  ProviderDenial,
  ProviderOutage,
  type KeyProvider,
  type KeyringDescription,
  type UnwrapRefusal,
  type Wrapped,
} from '#lib/keys/key-provider.ts'
import type { KeyringRecord } from '#lib/keys/keyring-record.ts'
import { fileCustody } from './file-custody.ts'
import { readKeyringFile, type KeyringPlace } from './keyring-file.ts'

const providerId = 'file'

/**
 * The provider that comes along: a keyring in a file of its own, outside the data directories. It is opened once and
 * kept in memory; a changed file is noticed before the next key is wrapped or unwrapped, so that a version
 * disabled by the operator stops working in every process without a restart. Of the key store's record it uses the lock
 * and the serial.
 * @throws ProviderDenial, ProviderOutage when the keyring cannot be opened to begin with
 */
export async function openFileProvider(place: KeyringPlace, record: KeyringRecord): Promise<KeyProvider> {
  let seen = await fingerprint(place.keyringFile)
  let keyring = await readKeyringFile(place)
  let reading: Promise<Keyring> | undefined

  async function present(signal: AbortSignal): Promise<Keyring> {
    signal.throwIfAborted()
    const now = await fingerprint(place.keyringFile)
    if (now === seen) return keyring
    reading ??= reread(now).finally(() => (reading = undefined))
    return reading
  }

  async function reread(now: string): Promise<Keyring> {
    const read = await readKeyringFile(place)
    if (read.id !== keyring.id || read.serial < keyring.serial) {
      throw new ProviderDenial('The keyring file was exchanged for an older or a foreign one.')
    }
    keyring = read
    seen = now
    return read
  }

  return {
    id: providerId,
    async wrap(batch, signal) {
      const ring = await present(signal)
      return batch.map(({ key, context }) => wrapUnderActive(ring, key, context))
    },
    async unwrap(batch, signal) {
      const ring = await present(signal)
      return batch.map(({ wrapped, context }) => unwrapOne(ring, wrapped, context))
    },
    async rewrap(batch, signal) {
      const ring = await present(signal)
      return batch.map(({ wrapped, context }) => {
        const key = unwrapOne(ring, wrapped, context)
        return 'refused' in key ? key : wrapUnderActive(ring, key, context)
      })
    },
    async describe(signal) {
      return describeKeyring(await present(signal))
    },
    async health(signal) {
      try {
        await present(signal)
        return 'ok'
      } catch (error) {
        return error instanceof ProviderDenial ? 'denied' : 'degraded'
      }
    },
    custody: fileCustody(place, record),
  }
}

/** Changes with every replacement of the file, which always makes a new inode. */
async function fingerprint(file: string): Promise<string> {
  try {
    const { ino, size, mtimeNs, ctimeNs } = await stat(file, { bigint: true })
    return [ino, size, mtimeNs, ctimeNs].join(':')
  } catch {
    throw new ProviderOutage(`${file} is not there.`)
  }
}

function wrapUnderActive(keyring: Keyring, key: SecretKey, context: KeyContext): Wrapped {
  const { version, key: wrapping } = activeKeyringVersion(keyring)
  checkPlace(keyring, context)
  return { provider: providerId, version, blob: wrapKey(wrapping, version, key, context) }
}

function unwrapOne(keyring: Keyring, wrapped: Wrapped, context: KeyContext): SecretKey | UnwrapRefusal {
  checkPlace(keyring, context)
  if (wrapped.provider !== providerId) return { refused: 'unreadable' }
  try {
    return unwrapKey(keyringKey(keyring, wrapped.version), wrapped.version, wrapped.blob, context)
  } catch (error) {
    if (!(error instanceof CryptoError)) throw error
    return { refused: refusals[error.code] ?? 'unreadable' }
  }
}

const refusals: Partial<Record<CryptoError['code'], UnwrapRefusal['refused']>> = {
  KEY_DISABLED: 'disabled',
  KEY_DESTROYED: 'destroyed',
  KEY_PENDING: 'pending',
}

function checkPlace(keyring: Keyring, context: KeyContext): void {
  if (context.keyring !== keyring.id || context.environment !== keyring.environment) {
    throw new ProviderDenial('The key store belongs to another keyring.')
  }
}

function describeKeyring({ id, environment, serial, versions }: Keyring): KeyringDescription {
  return {
    id,
    environment,
    serial,
    versions: versions.map(({ version, state, createdAt }) => ({ version, state, createdAt })),
  }
}
