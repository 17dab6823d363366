import 'server-only'

import { now } from '#lib/clock.ts'
import { SecretKey } from '#lib/crypto/secret-key.ts'
import { withCheck } from '#lib/keys/checked-key.ts'
import { ProviderDenial, ProviderOutage, type KeyCustody } from '#lib/keys/key-provider.ts'
import type { KeyringRecord } from '#lib/keys/keyring-record.ts'
import {
  addStoredVersion,
  changeStoredState,
  nextStoredVersion,
  type StoredKeyring,
  type StoredKeyringVersion,
} from '#lib/keys/stored-keyring.ts'
import type { AwsKmsSettings } from './aws-kms-settings.ts'
import { checkContext, encryptionContext } from './keyring-context.ts'
import type { Kms } from './open-kms.ts'

/** What an operator may do, with a role whose policy allows it (docs/keys.md). */
export function awsKmsCustody(kms: Kms, record: KeyringRecord, { keyId }: AwsKmsSettings): KeyCustody {
  const { sdk, ask } = kms

  /** The key's lasting name: an alias may point elsewhere tomorrow. */
  async function requireRoot(signal: AbortSignal): Promise<string> {
    const command = new sdk.DescribeKeyCommand({ KeyId: keyId })
    const { KeyMetadata: root } = await ask((client, options) => client.send(command, options), signal)
    if (root?.Arn === undefined)
      throw new ProviderOutage('AWS KMS describes its key in a form that is not known.')
    if (root.KeySpec !== 'SYMMETRIC_DEFAULT' || root.KeyUsage !== 'ENCRYPT_DECRYPT')
      throw new ProviderDenial(
        'The key in AWS KMS must be a symmetric one for encryption: make one of that kind.',
      )
    if (root.KeyState !== 'Enabled') throw new ProviderDenial('The key in AWS KMS is not enabled.')
    return root.Arn
  }

  async function underRoot(
    ring: StoredKeyring,
    version: StoredKeyringVersion,
    root: string,
    signal: AbortSignal,
  ): Promise<StoredKeyringVersion> {
    if (version.wrapped === null || version.keyRef === null) return version
    const context = encryptionContext(ring, version.version)
    const command = new sdk.ReEncryptCommand({
      CiphertextBlob: version.wrapped,
      SourceKeyId: version.keyRef,
      SourceEncryptionContext: context,
      DestinationKeyId: root,
      DestinationEncryptionContext: context,
    })
    const { CiphertextBlob: blob } = await ask((client, options) => client.send(command, options), signal)
    return { ...version, keyRef: root, wrapped: storedBlob(blob) }
  }

  return {
    async addVersion(signal) {
      const root = await requireRoot(signal)
      let added = 0
      await record.change(async (ring) => {
        added = nextStoredVersion(ring)
        const plain = withCheck(SecretKey.random(), checkContext(ring, added))
        const command = new sdk.EncryptCommand({
          KeyId: root,
          Plaintext: plain,
          EncryptionContext: encryptionContext(ring, added),
        })
        const { CiphertextBlob: blob } = await ask((client, options) => client.send(command, options), signal).finally(() => plain.fill(0)) // prettier-ignore
        return addStoredVersion(ring, {
          createdAt: now().toISOString(),
          keyRef: root,
          wrapped: storedBlob(blob),
        })
      }, signal)
      return added
    },
    async setState(version, state, signal) {
      await record.change((ring) => changeStoredState(ring, version, state), signal)
    },
    /** Puts every version under the key that the settings name now, or under its newest material; none is handed out. */
    async renewRoot(signal) {
      const root = await requireRoot(signal)
      await record.change((ring) => Promise.all(ring.versions.map((each) => underRoot(ring, each, root, signal))), signal) // prettier-ignore
    },
  }
}

function storedBlob(blob: Uint8Array | undefined): Uint8Array<ArrayBuffer> {
  if (blob === undefined || blob.length === 0) throw new ProviderOutage('AWS KMS has returned nothing.')
  return new Uint8Array(blob)
}
