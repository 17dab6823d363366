import 'server-only'
import type { Pool } from 'pg'
import { z } from 'zod'

import { keyStates } from '#lib/crypto/data-keys.ts'
import { NotConfigured } from '#lib/errors.ts'
import { exclusively } from './exclusively.ts'
import { inTransaction } from './in-transaction.ts'
import { ProviderDenial, ProviderOutage } from './key-provider.ts'
import type { StoredKeyring, StoredKeyringVersion } from './stored-keyring.ts'

/**
 * What the key store remembers of one provider's keyring. A provider whose versions lie in a device or a service keeps their
 * states here (and a KMS their wrapped bytes); the keyring file keeps everything itself and uses the serial and the lock.
 *
 * How a provider uses it: `read` before every batch (one small statement; so a version that an operator disabled stops at
 * once in every process), `change` for custody.
 */
export interface KeyringRecord {
  readonly provider: string
  /**
   * @throws NotConfigured when this provider was never set up; ProviderDenial when the record is older than this process has
   * seen it
   */
  read(signal: AbortSignal): Promise<StoredKeyring>
  /**
   * Changes the versions, one operator at a time: takes the lock, reads, lets `next` say how the versions are to be, and writes
   * what differs together with a serial that is one higher. `next` may call the provider's service. Nothing is written when it
   * returns the very same value.
   * @throws ProviderOutage when another operator was faster: ask again
   */
  change(
    next: (
      present: StoredKeyring,
    ) => Promise<readonly StoredKeyringVersion[]> | readonly StoredKeyringVersion[],
    signal: AbortSignal,
  ): Promise<StoredKeyring>
  /** Raises the remembered serial of a keyring that is kept elsewhere; every process is told to forget its cached keys. */
  noteSerial(serial: number, signal: AbortSignal): Promise<void>
  /**
   * Runs work while no other operator changes this keyring, on any machine.
   * @throws ProviderOutage when the lock was not to be had before the signal fired
   */
  exclusively<T>(work: () => Promise<T>, signal: AbortSignal): Promise<T>
}

const row = z.object({
  keyring_id: z.string(),
  environment: z.string(),
  serial: z.coerce.number(),
  version: z.int().nullable(),
  state: z.enum(keyStates).nullable(),
  created_at: z.date().nullable(),
  key_ref: z.string().nullable(),
  wrapped: z.instanceof(Uint8Array).nullable(),
})

/** The record of a provider in the key store. */
export function keyringRecord(database: Pool, provider: string): KeyringRecord {
  let seen = 0

  async function read(signal: AbortSignal): Promise<StoredKeyring> {
    signal.throwIfAborted()
    const result = await database.query(
      `SELECT s.keyring_id, s.environment, s.serial, v.version, v.state, v.created_at, v.key_ref, v.wrapped
         FROM keys.keyring_state s LEFT JOIN keys.keyring_version v USING (provider)
        WHERE s.provider = $1 ORDER BY v.version`,
      [provider],
    )
    const rows = z.array(row).parse(result.rows)
    const [first] = rows
    if (!first) throw new NotConfigured(`The key store has never seen a keyring of provider ${provider}.`)
    if (first.serial < seen)
      throw new ProviderDenial('The record of the keyring was exchanged for an older one.')
    seen = first.serial
    return {
      id: first.keyring_id,
      environment: first.environment,
      serial: first.serial,
      versions: rows.flatMap(({ version, state, created_at, key_ref, wrapped }) =>
        version === null || state === null || created_at === null
          ? []
          : [
              {
                version,
                state,
                createdAt: created_at.toISOString(),
                keyRef: key_ref,
                wrapped: wrapped === null ? null : new Uint8Array(wrapped),
              },
            ],
      ),
    }
  }

  const alone = <T>(work: () => Promise<T>, signal: AbortSignal) =>
    exclusively(database, `keyring ${provider}`, work, signal)

  return {
    provider,
    read,
    exclusively: alone,
    change: (next, signal) =>
      alone(async () => {
        const present = await read(signal)
        const versions = await next(present)
        if (versions === present.versions) return present
        await write(database, provider, present, versions)
        return read(signal)
      }, signal),
    async noteSerial(serial, signal) {
      signal.throwIfAborted()
      await database.query(
        `UPDATE keys.keyring_state SET serial = $2, updated_at = clock_timestamp() WHERE provider = $1 AND serial < $2`,
        [provider, serial],
      )
    },
  }
}

async function write(
  database: Pool,
  provider: string,
  present: StoredKeyring,
  versions: readonly StoredKeyringVersion[],
): Promise<void> {
  const changed = versions.filter((each) => !present.versions.includes(each))
  // The former active version first: at no moment may two be active.
  changed.sort((a, b) => Number(a.state === 'active') - Number(b.state === 'active'))
  await inTransaction(database, async (client) => {
    const raised = await client.query(
      `UPDATE keys.keyring_state SET serial = serial + 1, updated_at = clock_timestamp()
        WHERE provider = $1 AND serial = $2`,
      [provider, present.serial],
    )
    if (raised.rowCount !== 1) throw new ProviderOutage('The keyring was changed by someone else just now.')
    for (const { version, state, createdAt, keyRef, wrapped } of changed) {
      await client.query(
        `INSERT INTO keys.keyring_version (provider, version, state, created_at, key_ref, wrapped)
         VALUES ($1, $2, $3, $4, $5, $6)
         ON CONFLICT (provider, version) DO UPDATE
            SET state = excluded.state, key_ref = excluded.key_ref, wrapped = excluded.wrapped`,
        [provider, version, state, createdAt, keyRef, wrapped === null ? null : Buffer.from(wrapped)],
      )
    }
  })
}
