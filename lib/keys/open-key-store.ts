import 'server-only'

import type { IndexKeys } from '#lib/crypto/index-keys.ts'
import type { SecretKey } from '#lib/crypto/secret-key.ts'
import { NotConfigured, VigilError } from '#lib/errors.ts'
import { attempt } from './attempt.ts'
import { classifyFailure } from './classify-failure.ts'
import { DataKeyReader, refusal } from './data-key-reader.ts'
import { dataKeyWriter } from './data-key-writer.ts'
import { EncryptionCounts } from './encryption-counts.ts'
import { KeyCache, monotonicSeconds } from './key-cache.ts'
import type { KeyProvider } from './key-provider.ts'
import { defaultKeyLimits, type KeyLimits, type KeySettings } from './key-settings.ts'
import type { KeyStore } from './key-store.ts'
import { listenForKeyChanges } from './listen-for-key-changes.ts'
import { loadDataKeys, type KeySource } from './load-keys.ts'
import { openKeyPool } from './open-key-pool.ts'
import { openSource } from './open-source.ts'
import { readKeyInventory } from './key-inventory.ts'
import { organisation, readIdentityKey, readIndexKeys } from './read-root-keys.ts'
import { listenerName } from './serving-processes.ts'
import { SingleFlight } from './single-flight.ts'

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
    const source = await openSource(settings, database, limits, provider ? [provider] : [])
    return await keyStoreOver(settings, source, limits)
  } catch (error) {
    await database.end()
    throw error instanceof VigilError ? error : refusal(error)
  }
}

async function keyStoreOver(settings: KeySettings, source: KeySource, limits: KeyLimits): Promise<KeyStore> {
  const { database, providers } = source
  const changes = listenForKeyChanges(
    settings.keystoreUrl ?? '',
    (owner) => {
      dropCachedKeys(owner)
    },
    limits,
    listenerName(settings),
  )
  const heard = () => changes.heard()
  const inTime = <T>(work: (signal: AbortSignal) => Promise<T>) => attempt(work, limits.attemptSeconds)
  const roots = {
    index: new KeyCache<IndexKeys>({ ...limits, ownersMax: 1 }, { heard }),
    identity: new KeyCache<SecretKey>({ ...limits, ownersMax: 1 }, { heard }),
  }
  const underWay = { index: new SingleFlight<IndexKeys>(), identity: new SingleFlight<SecretKey>() }

  const dropRoots = () => {
    roots.index.drop()
    roots.identity.drop()
  }
  const reader = new DataKeyReader(
    (owners, signal) => loadDataKeys(source, owners, limits.encryptionsMax, signal),
    limits,
    { onDenial: dropRoots, heard },
  )
  const dropCachedKeys = (owner?: string) => {
    reader.drop(owner)
    if (owner === undefined || owner === organisation) dropRoots()
  }
  const counts = new EncryptionCounts(database)
  const dataKeysForWriting = dataKeyWriter(source, reader, counts, limits)
  const timer = setInterval(() => void counts.add(), limits.countSeconds * 1000).unref()
  // Awaited, so that nothing is cached before changes are heard of.
  await changes.begun

  async function root<T>(
    cache: KeyCache<T>,
    flight: SingleFlight<T>,
    read: (of: KeySource, signal: AbortSignal) => Promise<T>,
  ): Promise<T> {
    const cached = cache.loadedSince('', cache.freshSince())
    if (cached) return cached
    const loading = cache.beginLoading()
    const load = async () => {
      const value = await inTime((signal) => read(source, signal))
      cache.keep('', value, loading)
      return value
    }
    try {
      // Who asks at the same time shares the question; not with one that was asked before the last drop.
      return await flight.join(String(loading.generation), load, new AbortController().signal)
    } catch (error) {
      if (error instanceof NotConfigured) throw error
      reader.fail(error)
      const since = cache.staleSince('reading')
      const stale = reader.health === 'degraded' ? cache.loadedSince('', since) : undefined
      if (!stale) throw refusal(error)
      return stale
    }
  }

  let closing: Promise<void> | undefined

  return {
    dataKeysFor: (owners) => reader.read(owners),
    dataKeysForWriting,
    async dataKeyForWriting(owner) {
      const [key] = (await dataKeysForWriting([owner])).values()
      if (!key) throw new Error('a key for each owner, or an error')
      return key
    },
    indexKeys: () => root(roots.index, underWay.index, readIndexKeys),
    identityKey: () => root(roots.identity, underWay.identity, readIdentityKey),
    dropCachedKeys,
    async health() {
      const held = await inTime(async (signal) => (await providers.current(signal)).health(signal)).catch(
        (error: unknown) =>
          classifyFailure(error) === 'denial' ? ('denied' as const) : ('degraded' as const),
      )
      if (held !== 'ok') return held
      const deaf = monotonicSeconds() - heard() >= limits.leaseSeconds
      return reader.health === 'ok' && deaf ? 'degraded' : reader.health
    },
    async inventory(madeBefore) {
      try {
        return await inTime((signal) => readKeyInventory(source, madeBefore, signal))
      } catch (error) {
        throw error instanceof VigilError ? error : refusal(error)
      }
    },
    close() {
      closing ??= (async () => {
        clearInterval(timer)
        await changes.stop()
        await counts.add()
        await providers.close()
        await database.end()
      })()
      return closing
    },
  }
}
