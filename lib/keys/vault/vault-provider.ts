import 'server-only'

import { keyContextAad, type KeyContext } from '#lib/crypto/key-context.ts'
import type { SecretKey } from '#lib/crypto/secret-key.ts'
import { checkedKey, withCheck } from '#lib/keys/checked-key.ts'
import {
  ProviderDenial,
  ProviderOutage,
  type KeyProvider,
  type UnwrapRefusal,
  type Wrapped,
} from '#lib/keys/key-provider.ts'
import type { KeyringRecord } from '#lib/keys/keyring-record.ts'
import { describeStored } from '#lib/keys/stored-keyring.ts'
import { answerBatch, requireActive, requirePlace, type Asked } from '#lib/keys/use-stored-keyring.ts'
import { scheduleRenewal } from './renew-token.ts'
import { tooOld, transitKey, type TransitItem, type TransitResult } from './transit.ts'
import { openVaultClient } from './vault-client.ts'
import { vaultCustody, vaultVersionOf } from './vault-custody.ts'
import type { VaultSettings } from './vault-settings.ts'

const providerId = 'vault'
/** nonce 12 ‖ ciphertext ‖ tag 16: what stands after the second colon of `vault:v1:…`, kept as bytes */
const ciphertext = /^vault:v([1-9][0-9]*):([A-Za-z0-9+/]+={0,2})$/

/**
 * Vault or OpenBao holds the key-encryption key in its transit engine and never hands it out: data keys are wrapped and
 * unwrapped there, a whole batch with one request. The key is a derived one, so that each data key is encrypted under a key
 * that Vault derives from what the data key is for (HKDF): for anything else it does not decrypt. That, not `associated_data`,
 * because `rewrap` knows only the former.
 *
 * States of versions are kept in the key store and asked before every batch; Vault itself refuses what lies below its
 * min_decryption_version.
 * @throws ProviderDenial, ProviderOutage when token or certificate authority cannot be read
 */
export async function openVaultProvider(
  settings: VaultSettings,
  record: KeyringRecord,
): Promise<KeyProvider> {
  const client = await openVaultClient(settings)
  const transit = transitKey(client, settings)
  const stopRenewal = scheduleRenewal(client)
  let probe: string | undefined

  function toWrapped(result: TransitResult, version: number, vaultVersion: number): Wrapped {
    const [, number, encoded] = ciphertext.exec(result.ciphertext ?? '') ?? []
    if (result.error !== '' || encoded === undefined || Number(number) !== vaultVersion)
      throw notTaken(result)
    return { provider: providerId, version, blob: new Uint8Array(Buffer.from(encoded, 'base64')) }
  }

  return {
    id: providerId,
    async wrap(batch, signal) {
      const ring = await record.read(signal)
      if (batch.length === 0) return []
      const active = requireActive(ring)
      const vaultVersion = vaultVersionOf(active)
      const plain = batch.map(({ key, context }) => {
        requirePlace(ring, context)
        return withCheck(key, context)
      })
      const items = batch.map(({ context }, at) => ({
        plaintext: plain[at]?.toString('base64') ?? '',
        context: derivation(context),
        key_version: vaultVersion,
      }))
      for (const each of plain) each.fill(0)
      const results = await transit.batch('encrypt', items, signal)
      return results.map((result) => toWrapped(result, active.version, vaultVersion))
    },
    async unwrap(batch, signal) {
      const ring = await record.read(signal)
      return answerBatch(batch, ring, providerId, async (asked) => {
        const items = asked.map((each) => ({ ciphertext: textOf(each), context: derivation(each.context) }))
        const results = await transit.batch('decrypt', items, signal)
        return results.map((result, at) => toKey(result, asked[at]?.context))
      })
    },
    async rewrap(batch, signal) {
      const ring = await record.read(signal)
      const active = requireActive(ring)
      const vaultVersion = vaultVersionOf(active)
      return answerBatch(batch, ring, providerId, async (asked) => {
        const items: TransitItem[] = asked.map((each) => ({
          ciphertext: textOf(each),
          context: derivation(each.context),
          key_version: vaultVersion,
        }))
        const results = await transit.batch('rewrap', items, signal)
        return results.map((result) =>
          result.error === '' ? toWrapped(result, active.version, vaultVersion) : refusalByVault(result),
        )
      })
    },
    async describe(signal) {
      return describeStored(await record.read(signal))
    },
    async health(signal) {
      try {
        const active = requireActive(await record.read(signal))
        const context = Buffer.from('vigil health').toString('base64')
        const plaintext = Buffer.alloc(16).toString('base64')
        const wanted = { plaintext, context, key_version: vaultVersionOf(active) }
        probe ??= (await transit.batch('encrypt', [wanted], signal))[0]?.ciphertext
        const [opened] = await transit.batch('decrypt', [{ ciphertext: probe ?? '', context }], signal)
        if (opened?.plaintext === plaintext) return 'ok'
        // Made under a version that Vault has put out of use since; the next call makes another one.
        probe = undefined
        return 'degraded'
      } catch (error) {
        return error instanceof ProviderDenial ? 'denied' : 'degraded'
      }
    },
    custody: vaultCustody(transit, record, settings),
    close() {
      stopRenewal()
      client.close()
      return Promise.resolve()
    },
  }
}

const textOf = ({ wrapped, version }: Asked): string =>
  `vault:v${vaultVersionOf(version)}:${Buffer.from(wrapped.blob).toString('base64')}`

function toKey(result: TransitResult, context: KeyContext | undefined): SecretKey | UnwrapRefusal {
  if (result.error !== '') return refusalByVault(result)
  const returned = Buffer.from(result.plaintext ?? '', 'base64')
  const key = context === undefined ? undefined : checkedKey(returned, context)
  if (!key) throw new ProviderDenial('Vault answers with another key than the one it was given.')
  return key
}

const refusalByVault = ({ error }: TransitResult): UnwrapRefusal =>
  error.includes(tooOld) ? { refused: 'disabled' } : { refused: 'unreadable' }

const derivation = (context: KeyContext): string => keyContextAad(context, 0).toString('base64')

/** A key that was just made was not taken: the version is out of use for encryption, or the key is not what it was. */
const notTaken = (result: TransitResult): Error =>
  result.error === ''
    ? new ProviderOutage('Vault answers in a form that is not known.')
    : new ProviderDenial('Vault does not encrypt under this version of its key.')
