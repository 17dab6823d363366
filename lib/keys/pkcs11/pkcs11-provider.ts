import 'server-only'

import { now } from '#lib/clock.ts'
import { keyContextAad } from '#lib/crypto/key-context.ts'
import { keyObjectOf, SecretKey } from '#lib/crypto/secret-key.ts'
import {
  ProviderDenial,
  ProviderOutage,
  type KeyCustody,
  type KeyProvider,
  type UnwrapRefusal,
  type Wrapped,
} from '#lib/keys/key-provider.ts'
import type { KeyringRecord } from '#lib/keys/keyring-record.ts'
import {
  addStoredVersion,
  changeStoredState,
  describeStored,
  nextStoredVersion,
  type StoredKeyring,
  type StoredKeyringVersion,
} from '#lib/keys/stored-keyring.ts'
import { answerBatch, requireActive, requirePlace } from '#lib/keys/use-stored-keyring.ts'
import { openToken, type Token } from './open-token.ts'
import type { Pkcs11Settings } from './pkcs11-settings.ts'

const providerId = 'pkcs11'

/**
 * A hardware token holds the key-encryption keys and wraps data keys itself, by AES-256-GCM with what a data key is for as associated
 * data. A key is made in the token and cannot be read out of it. States are kept in the key store and asked before every batch;
 * a disabled version does not decrypt in the token either, where the token lets that be set.
 */
export function openPkcs11Provider(settings: Pkcs11Settings, record: KeyringRecord): Promise<KeyProvider> {
  const token = openToken(settings)

  async function wrap(
    ring: StoredKeyring,
    batch: Parameters<KeyProvider['wrap']>[0],
    signal: AbortSignal,
  ): Promise<Wrapped[]> {
    if (batch.length === 0) return []
    const active = requireActive(ring)
    const items = batch.map(({ key, context }) => {
      requirePlace(ring, context)
      return { plain: keyObjectOf(key).export(), aad: keyContextAad(context, active.version) }
    })
    const sealed = await token
      .ask('wrap', { label: labelOf(active), items }, signal)
      .finally(() => items.forEach(({ plain }) => plain.fill(0)))
    if (sealed.length !== batch.length) throw new ProviderOutage('The token has not answered for every key.')
    return sealed.map((blob) => ({
      provider: providerId,
      version: active.version,
      blob: new Uint8Array(blob),
    }))
  }

  function unwrap(
    ring: StoredKeyring,
    batch: Parameters<KeyProvider['unwrap']>[0],
    signal: AbortSignal,
  ): Promise<(SecretKey | UnwrapRefusal)[]> {
    return answerBatch(batch, ring, providerId, async (asked) => {
      const items = asked.map(({ wrapped, context, version }) => ({
        label: labelOf(version),
        sealed: wrapped.blob,
        aad: keyContextAad(context, version.version),
      }))
      return (await token.ask('unwrap', { items }, signal)).map(toKey)
    })
  }

  return Promise.resolve({
    id: providerId,
    wrap: async (batch, signal) => wrap(await record.read(signal), batch, signal),
    unwrap: async (batch, signal) => unwrap(await record.read(signal), batch, signal),
    async rewrap(batch, signal) {
      const ring = await record.read(signal)
      const opened = await unwrap(ring, batch, signal)
      const keys = opened.flatMap((answer, at) => {
        const context = batch[at]?.context
        return 'refused' in answer || context === undefined ? [] : [{ key: answer, context }]
      })
      const wrapped = (await wrap(ring, keys, signal)).values()
      return opened.map((answer) =>
        'refused' in answer ? answer : (wrapped.next().value ?? { refused: 'unreadable' }),
      )
    },
    async describe(signal) {
      return describeStored(await record.read(signal))
    },
    async health(signal) {
      try {
        const label = labelOf(requireActive(await record.read(signal)))
        const aad = Buffer.from('vigil health')
        const [sealed] = await token.ask('wrap', { label, items: [{ plain: Buffer.alloc(32), aad }] }, signal)
        if (!sealed) return 'degraded'
        const [opened] = await token.ask('unwrap', { items: [{ label, sealed, aad }] }, signal)
        return opened && Buffer.alloc(32).equals(opened) ? 'ok' : 'degraded'
      } catch (error) {
        return error instanceof ProviderDenial ? 'denied' : 'degraded'
      }
    },
    custody: custodyOf(token, record),
    close() {
      token.close()
      return Promise.resolve()
    },
  })
}

function custodyOf(token: Token, record: KeyringRecord): KeyCustody {
  return {
    async addVersion(signal) {
      let added = 0
      await record.change(async (ring) => {
        added = nextStoredVersion(ring)
        const label = `vigil ${ring.id} v${added}`
        await token.ask('make-key', { label }, signal)
        return addStoredVersion(ring, { createdAt: now().toISOString(), keyRef: label, wrapped: null })
      }, signal)
      return added
    },
    async setState(version, state, signal) {
      await record.change(async (ring) => {
        const versions = changeStoredState(ring, version, state)
        const changed = versions.find((each) => each.version === version)
        if (versions === ring.versions || !changed) return versions
        const label = labelOf(changed)
        if (state === 'destroyed') await token.ask('destroy', { label }, signal)
        else await token.ask('allow', { label, decrypt: state === 'decrypt_only' }, signal)
        return versions
      }, signal)
    },
  }
}

function labelOf({ keyRef }: StoredKeyringVersion): string {
  if (keyRef === null) throw new ProviderDenial('The record of a version does not name its key in the token.')
  return keyRef
}

function toKey(plain: Uint8Array | undefined): SecretKey | UnwrapRefusal {
  return plain?.length === 32 ? new SecretKey(plain) : { refused: 'unreadable' }
}
