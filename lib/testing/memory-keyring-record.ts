import type { KeyringRecord } from '#lib/keys/keyring-record.ts'
import type { StoredKeyring } from '#lib/keys/stored-keyring.ts'

/**
 * A keyring record without a database, for providers' own tests: as the key store's, but for one process. `exchange` puts
 * another record in its place, as somebody with the database could.
 */
export function memoryKeyringRecord(
  provider: string,
  id = 'ring-1',
  environment = 'demo',
): KeyringRecord & { stored: () => StoredKeyring; exchange: (ring: StoredKeyring) => void } {
  let ring: StoredKeyring = { id, environment, serial: 1, versions: [] }
  let last: Promise<unknown> = Promise.resolve()
  const exclusively = <T>(work: () => Promise<T>): Promise<T> => {
    const next = last.then(work, work)
    last = next.catch(() => undefined)
    return next
  }
  return {
    provider,
    stored: () => ring,
    exchange: (other) => (ring = other),
    read: (signal) => {
      signal.throwIfAborted()
      return Promise.resolve(ring)
    },
    change: (next, signal) =>
      exclusively(async () => {
        signal.throwIfAborted()
        const versions = await next(ring)
        if (versions !== ring.versions) ring = { ...ring, serial: ring.serial + 1, versions }
        return ring
      }),
    noteSerial: (serial, signal) => {
      signal.throwIfAborted()
      ring = { ...ring, serial: Math.max(serial, ring.serial) }
      return Promise.resolve()
    },
    exclusively,
  }
}
