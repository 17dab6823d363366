import 'server-only'

import { CryptoError } from '#lib/crypto/crypto-error.ts'
import type { KeyContext } from '#lib/crypto/key-context.ts'
import type { SecretKey } from '#lib/crypto/secret-key.ts'
import { unwrapKey } from '#lib/crypto/unwrap-key.ts'
import { wrapKey } from '#lib/crypto/wrap-key.ts'
import { checkedKey } from '#lib/keys/checked-key.ts'
import { ProviderDenial, type KeyProvider, type UnwrapRefusal, type Wrapped } from '#lib/keys/key-provider.ts'
import type { KeyringRecord } from '#lib/keys/keyring-record.ts'
import { describeStored, type StoredKeyring, type StoredKeyringVersion } from '#lib/keys/stored-keyring.ts'
import { answerBatch, requireActive, requirePlace } from '#lib/keys/use-stored-keyring.ts'
import { awsKmsCustody } from './aws-kms-custody.ts'
import type { AwsKmsSettings } from './aws-kms-settings.ts'
import { defaultKekLimits, KekCache, type KekLimits } from './kek-cache.ts'
import { checkContext, encryptionContext } from './keyring-context.ts'
import { openKms, type Kms } from './open-kms.ts'

const providerId = 'aws-kms'

/**
 * AWS KMS holds the root key. KMS has no batches, so between it and the data keys there are versions of a key-encryption key: each
 * is stored wrapped by KMS, is unwrapped once by a process, and then wraps data keys in that process. It is asked for again
 * when it is no longer fresh.
 * @throws NotConfigured when the AWS SDK is not installed
 */
export async function openAwsKmsProvider(
  settings: AwsKmsSettings,
  record: KeyringRecord,
  limits: KekLimits = defaultKekLimits,
): Promise<KeyProvider> {
  const kms = await openKms(settings)
  const keks = new KekCache(
    (ring, version, signal) => unwrapKek(kms, settings, ring, version, signal),
    limits,
  )

  /** Takes a batch apart by the versions it needs, each of which is asked for once. */
  async function openBatch<T extends object>(
    ring: StoredKeyring,
    batch: readonly { wrapped: Wrapped; context: KeyContext }[],
    signal: AbortSignal,
    each: (key: SecretKey, context: KeyContext) => T,
  ): Promise<(T | UnwrapRefusal)[]> {
    keks.keepOnly(ring)
    return answerBatch(batch, ring, providerId, async (asked) => {
      const versions = new Map(asked.map(({ version }) => [version.version, version]))
      const opened = new Map(
        await Promise.all(
          [...versions].map(
            async ([number, version]) => [number, await keks.get(ring, version, signal)] as const,
          ),
        ),
      )
      return asked.map(({ wrapped, context }) => {
        const kek = opened.get(wrapped.version)
        const key = kek && unwrapped(kek, wrapped, context)
        return key ? each(key, context) : { refused: 'unreadable' }
      })
    })
  }

  /** What wraps under the active version, for a whole batch. */
  async function wrapper(
    ring: StoredKeyring,
    signal: AbortSignal,
  ): Promise<(key: SecretKey, context: KeyContext) => Wrapped> {
    const active = requireActive(ring)
    const kek = await keks.get(ring, active, signal)
    return (key, context) => ({
      provider: providerId,
      version: active.version,
      blob: wrapKey(kek, active.version, key, context),
    })
  }

  return {
    id: providerId,
    async wrap(batch, signal) {
      const ring = await record.read(signal)
      if (batch.length === 0) return []
      for (const { context } of batch) requirePlace(ring, context)
      const wrap = await wrapper(ring, signal)
      return batch.map(({ key, context }) => wrap(key, context))
    },
    unwrap: async (batch, signal) => openBatch(await record.read(signal), batch, signal, (key) => key),
    async rewrap(batch, signal) {
      const ring = await record.read(signal)
      return openBatch(ring, batch, signal, await wrapper(ring, signal))
    },
    async describe(signal) {
      return describeStored(await record.read(signal))
    },
    async health(signal) {
      try {
        const ring = await record.read(signal)
        await keks.get(ring, requireActive(ring), signal)
        return keks.degraded ? 'degraded' : 'ok'
      } catch (error) {
        return error instanceof ProviderDenial ? 'denied' : 'degraded'
      }
    },
    custody: awsKmsCustody(kms, record, settings),
    close() {
      keks.drop()
      kms.close()
      return Promise.resolve()
    },
  }
}

async function unwrapKek(
  { sdk, ask }: Kms,
  { keyId }: AwsKmsSettings,
  ring: StoredKeyring,
  { version, keyRef, wrapped }: StoredKeyringVersion,
  signal: AbortSignal,
): Promise<SecretKey> {
  if (keyRef === null || wrapped === null)
    throw new ProviderDenial('The record of a version lacks its wrapped key.')
  requireOwnAccount(keyRef, keyId)
  const command = new sdk.DecryptCommand({
    KeyId: keyRef,
    CiphertextBlob: wrapped,
    EncryptionContext: encryptionContext(ring, version),
  })
  const { Plaintext: plain } = await ask((client, options) => client.send(command, options), signal)
  const key = plain && checkedKey(Buffer.from(plain), checkContext(ring, version))
  plain?.fill(0)
  if (!key) throw new ProviderDenial('AWS KMS answers with another key than the one it was given.')
  return key
}

/**
 * Whoever can write to the key store could name a key of their own AWS account there, under which a key-encryption key lies
 * that they know: keys wrapped by it from then on would be theirs.
 */
function requireOwnAccount(keyRef: string, keyId: string): void {
  const [own, named] = [accountOf(keyId), accountOf(keyRef)]
  if (own !== undefined && own !== named)
    throw new ProviderDenial(
      'The record of a version names a key of another AWS account than AWS_KMS_KEY_ID does.',
    )
}

/** arn:aws:kms:eu-central-1:111122223333:key/…; an alias or a bare id lies in the account of the credentials. */
const accountOf = (keyId: string): string | undefined => /^arn:[\w-]+:kms:[\w-]+:([0-9]+):/.exec(keyId)?.[1]

function unwrapped(kek: SecretKey, { version, blob }: Wrapped, context: KeyContext): SecretKey | undefined {
  try {
    return unwrapKey(kek, version, blob, context)
  } catch (error) {
    if (error instanceof CryptoError) return undefined
    throw error
  }
}
