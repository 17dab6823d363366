import 'server-only'
import type { Pool } from 'pg'

import { CryptoError } from '#lib/crypto/crypto-error.ts'
import type { DataKey, DataKeys } from '#lib/crypto/data-keys.ts'
import type { IndexKeys } from '#lib/crypto/index-keys.ts'
import type { SecretKey } from '#lib/crypto/secret-key.ts'
import { NotConfigured, VigilError } from '#lib/errors.ts'
import { checkKeyringState } from './check-keyring-state.ts'
import { DataKeyReader, refusal } from './data-key-reader.ts'
import { EncryptionCounts } from './encryption-counts.ts'
import { KeyCache } from './key-cache.ts'
import type { KeyProvider } from './key-provider.ts'
import { defaultKeyLimits, type KeyLimits, type KeySettings } from './key-settings.ts'
import type { KeyStore } from './key-store.ts'
import { listenForKeyChanges } from './listen-for-key-changes.ts'
import { loadDataKeys, type KeySource } from './load-keys.ts'
import { makeFirstKeys, makeNextKey } from './make-keys.ts'
import { openKeyPool } from './open-key-pool.ts'
import { openProvider } from './open-provider.ts'
import { organisation, readIdentityKey, readIndexKeys } from './read-root-keys.ts'

/**
 * Opens the key store for this process, after holding the keyring against what the store remembers of it.
 * @throws NotConfigured when the store or the keyring is not in order; KeysUnavailable when one of them cannot be reached
 */
export async function openKeyStore(
  settings: KeySettings,
  limits: KeyLimits = defaultKeyLimits,
  provider?: KeyProvider,
): Promise<KeyStore> {
  const database = openKeyPool(settings, limits)
  try {
    const source = await openSource(settings, database, limits, provider)
    return keyStoreOver(settings, source, limits)
  } catch (error) {
    await database.end()
    throw error instanceof VigilError ? error : refusal(error)
  }
}

async function openSource(
  settings: KeySettings,
  database: Pool,
  limits: KeyLimits,
  given: KeyProvider | undefined,
): Promise<KeySource> {
  const provider = given ?? (await openProvider(settings))
  const keyring = await provider.describe(AbortSignal.timeout(limits.attemptSeconds * 1000))
  if (keyring.environment !== settings.environment) {
    throw new NotConfigured(`The keyring was made for ${keyring.environment}: put the right one in place.`)
  }
  if ((await checkKeyringState(database, provider.id, keyring)) === 'unknown') {
    throw new NotConfigured('The key store was never initialised: run "npm start" or "vigil migrate" first.')
  }
  return { database, provider, keyring }
}

function keyStoreOver(settings: KeySettings, source: KeySource, limits: KeyLimits): KeyStore {
  const { database, provider } = source
  const reader = new DataKeyReader(
    (owners, signal) => loadDataKeys(source, owners, limits.encryptionsMax, signal),
    limits,
  )
  const counts = new EncryptionCounts(database)
  const timer = setInterval(() => void counts.add(), limits.countSeconds * 1000).unref()
  const attempt = () => AbortSignal.timeout(limits.attemptSeconds * 1000)
  const roots = {
    index: new KeyCache<IndexKeys>({ ...limits, ownersMax: 1 }),
    identity: new KeyCache<SecretKey>({ ...limits, ownersMax: 1 }),
  }

  const dropCachedKeys = (owner?: string) => {
    reader.drop(owner)
    if (owner !== undefined && owner !== organisation) return
    roots.index.drop()
    roots.identity.drop()
  }
  const stopListening = listenForKeyChanges(settings.keystoreUrl ?? '', dropCachedKeys, limits.pauseSeconds)

  async function dataKeysForWriting(owners: Iterable<string>): Promise<Map<string, DataKey>> {
    const wanted = [...new Set(owners)]
    let keys = await reader.read(wanted)
    const first = wanted.filter((owner) => !keys.has(owner))
    const worn = [...keys.values()].filter((each) => each.active?.exhausted)
    if (first.length > 0 || worn.length > 0) {
      try {
        if (first.length > 0) await makeFirstKeys(source, 'data-key', first, attempt())
        for (const each of worn) await makeNextKey(source, each.ownerId, versionsOf(each), attempt())
      } catch (error) {
        reader.fail(error)
        throw refusal(error)
      }
      for (const each of worn) reader.drop(each.ownerId)
      keys = await reader.read(wanted)
    }
    return new Map(
      wanted.map((owner) => {
        const key = activeOf(keys.get(owner))
        counts.watch(key)
        return [owner, key]
      }),
    )
  }

  async function root<T>(
    cache: KeyCache<T>,
    read: (of: KeySource, signal: AbortSignal) => Promise<T>,
  ): Promise<T> {
    const cached = cache.fresh('')
    if (cached) return cached
    const { generation } = cache
    try {
      const value = await read(source, attempt())
      cache.keep('', value, generation)
      return value
    } catch (error) {
      if (error instanceof NotConfigured) throw error
      reader.fail(error)
      const stale = reader.health === 'degraded' ? cache.stale('') : undefined
      if (!stale) throw refusal(error)
      return stale
    }
  }

  return {
    dataKeysFor: (owners) => reader.read(owners),
    dataKeysForWriting,
    async dataKeyForWriting(owner) {
      return activeOf(undefined, (await dataKeysForWriting([owner])).get(owner))
    },
    indexKeys: () => root(roots.index, readIndexKeys),
    identityKey: () => root(roots.identity, readIdentityKey),
    dropCachedKeys,
    async health() {
      const held = await provider.health(attempt())
      return held === 'ok' ? reader.health : held
    },
    async close() {
      clearInterval(timer)
      await stopListening()
      await counts.add()
      await database.end()
    },
  }
}

function versionsOf(keys: DataKeys): { former: number; next: number } {
  const all = [...keys.versions.map((each) => each.version), ...keys.closed.keys()]
  return { former: keys.active?.version ?? 0, next: Math.max(...all) + 1 }
}

/**
 * The key to write with. An owner whose keys exist and none of which is active was shredded or disabled; making a new
 * one would undo that in silence.
 */
function activeOf(keys: DataKeys | undefined, active = keys?.active): DataKey {
  if (active) return active
  const reasons = new Set(keys?.closed.values())
  if (reasons.has('unreadable'))
    throw new CryptoError('KEY_UNREADABLE', 'data-key', 'the owner’s key does not unwrap')
  if (reasons.has('disabled'))
    throw new CryptoError('KEY_DISABLED', 'data-key', 'the owner’s keys are disabled')
  throw new CryptoError('KEY_DESTROYED', 'data-key', 'the owner’s keys were destroyed')
}
