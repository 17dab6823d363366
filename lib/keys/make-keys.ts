import 'server-only'
import type { KeyContext } from '#lib/crypto/key-context.ts'
import { SecretKey } from '#lib/crypto/secret-key.ts'
import { inTransaction } from './in-transaction.ts'
import { keyContextFor } from './key-context-for.ts'
import type { KeySource } from './load-keys.ts'
import { wrapByCurrent } from './wrap-by-current.ts'

/**
 * Gives owners that have no key their first version, committed on return. Whoever comes second, in this process or
 * another, changes nothing: read the keys again afterwards. A crash leaves a key without data, which harms nobody.
 */
export async function makeFirstKeys(
  source: KeySource,
  purpose: KeyContext['purpose'],
  owners: readonly string[],
  signal: AbortSignal,
): Promise<void> {
  const made = owners.map((owner) => ({
    key: SecretKey.random(),
    context: keyContextFor(source.keyring, purpose, owner, 1),
  }))
  await wrapByCurrent(
    source,
    async (provider) => {
      const wrapped = await provider.wrap(made, signal)
      await source.database.query(
        `INSERT INTO keys.data_key (purpose, owner_id, version, state, provider, kek_version, wrapped)
         SELECT $1, new.owner_id, 1, 'active', new.provider, new.kek_version, new.wrapped
           FROM unnest($2::text[], $3::text[], $4::int[], $5::bytea[]) AS new (owner_id, provider, kek_version, wrapped)
         ORDER BY new.owner_id
         ON CONFLICT DO NOTHING`,
        [
          purpose,
          owners,
          wrapped.map((each) => each.provider),
          wrapped.map((each) => each.version),
          wrapped.map((each) => Buffer.from(each.blob)),
        ],
      )
    },
    signal,
  )
}

/**
 * Replaces an owner's active version by a new one; the former still decrypts. Does nothing when that one is no longer
 * active, because someone else was first.
 */
export async function makeNextKey(
  source: KeySource,
  owner: string,
  versions: { readonly former: number; readonly next: number },
  signal: AbortSignal,
): Promise<void> {
  const made = {
    key: SecretKey.random(),
    context: keyContextFor(source.keyring, 'data-key', owner, versions.next),
  }
  await wrapByCurrent(
    source,
    async (provider) => {
      const [wrapped] = await provider.wrap([made], signal)
      if (!wrapped) throw new Error('the key provider returned nothing')
      await inTransaction(source.database, async (client) => {
        const former = await client.query(
          `UPDATE keys.data_key SET state = 'decrypt_only'
            WHERE purpose = 'data-key' AND owner_id = $1 AND version = $2 AND state = 'active'`,
          [owner, versions.former],
        )
        if (former.rowCount !== 1) return
        await client.query(
          `INSERT INTO keys.data_key (purpose, owner_id, version, state, provider, kek_version, wrapped)
           VALUES ('data-key', $1, $2, 'active', $3, $4, $5)`,
          [owner, versions.next, wrapped.provider, wrapped.version, Buffer.from(wrapped.blob)],
        )
      })
    },
    signal,
  )
}
