import 'server-only'
import { z } from 'zod'

import { keyStates, type KeyState } from '#lib/crypto/data-keys.ts'
import { parityOf } from '#lib/crypto/index-keys.ts'
import { SecretKey } from '#lib/crypto/secret-key.ts'
import { Refused } from '#lib/errors.ts'
import { attempt } from './attempt.ts'
import { refusal } from './data-key-reader.ts'
import { inTransaction } from './in-transaction.ts'
import { keyContextFor } from './key-context-for.ts'
import type { KeySource } from './load-keys.ts'
import { operatorKeyLimits } from './open-key-source.ts'
import { organisation } from './read-root-keys.ts'
import { wrapByCurrent } from './wrap-by-current.ts'

/** A version of the root of the blind indexes. */
export type IndexRoot = { readonly version: number; readonly state: KeyState }

/**
 * What replacing the root of the blind indexes needs of the key store. Each step is taken only from the state that it
 * follows, so that whoever comes second changes nothing; all throw `KeysUnavailable` when the key store does not answer.
 *
 * pending: every process stores its tokens, nobody looks anything up by it. active: looked up by. decrypt_only: stored, and
 * codes are still found by it. disabled: no process has it. destroyed: nobody ever will.
 */
export type IndexRoots = {
  /** All versions there ever were, in ascending order. */
  read(): Promise<IndexRoot[]>
  /** Makes the version that is to follow the active one, unless there is one already. */
  makeNext(active: number): Promise<void>
  /** From now on values are looked up by the version that was pending. */
  flip(former: number, next: number): Promise<void>
  /** Takes a former version away from every process; `disabled` comes before `destroyed`. */
  retire(version: number, state: 'disabled' | 'destroyed'): Promise<void>
}

const row = z.object({ version: z.int(), state: z.enum(keyStates) })

/** A token has one byte for it. */
const versionMax = 255

/** The above, over a key store that an operator's verb has opened. */
export function indexRoots(source: KeySource): IndexRoots {
  const { database } = source

  async function inTime<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> {
    try {
      return await attempt(work, operatorKeyLimits.attemptSeconds)
    } catch (error) {
      throw error instanceof Refused ? error : refusal(error)
    }
  }

  async function read(): Promise<IndexRoot[]> {
    const { rows } = await database.query(
      `SELECT version, state FROM keys.data_key WHERE purpose = 'index-root' AND owner_id = $1 ORDER BY version`,
      [organisation],
    )
    return z.array(row).parse(rows)
  }

  return {
    read: () => inTime(read),

    makeNext: (active) =>
      inTime(async (signal) => {
        const version = nextVersion(await read(), active)
        const context = keyContextFor(source.keyring, 'index-root', organisation, version)
        const key = SecretKey.random()
        await wrapByCurrent(
          source,
          async (provider) => {
            const [wrapped] = await provider.wrap([{ key, context }], signal)
            if (!wrapped) throw new Error('the key provider returned nothing')
            await database.query(
              `INSERT INTO keys.data_key (purpose, owner_id, version, state, provider, kek_version, wrapped)
               SELECT 'index-root', $1, $2, 'pending', $3, $4, $5
                WHERE (SELECT array_agg(version) FROM keys.data_key WHERE purpose = 'index-root' AND owner_id = $1
                         AND state <> 'destroyed') = ARRAY[$6::integer]
               ON CONFLICT DO NOTHING`,
              [organisation, version, wrapped.provider, wrapped.version, Buffer.from(wrapped.blob), active],
            )
          },
          signal,
        )
      }),

    flip: (former, next) =>
      inTime(() =>
        inTransaction(database, async (client) => {
          // The former first: at no moment may two be active.
          const left = await client.query(
            `UPDATE keys.data_key SET state = 'decrypt_only'
              WHERE purpose = 'index-root' AND owner_id = $1 AND version = $2 AND state = 'active'
                AND EXISTS (SELECT FROM keys.data_key WHERE purpose = 'index-root' AND owner_id = $1 AND version = $3 AND state = 'pending')`,
            [organisation, former, next],
          )
          if (left.rowCount !== 1) return
          await client.query(
            `UPDATE keys.data_key SET state = 'active'
              WHERE purpose = 'index-root' AND owner_id = $1 AND version = $2 AND state = 'pending'`,
            [organisation, next],
          )
        }),
      ),

    async retire(version, state) {
      await inTime(() =>
        database.query(
          `UPDATE keys.data_key SET state = $3, wrapped = CASE WHEN $3 = 'destroyed' THEN NULL ELSE wrapped END
            WHERE purpose = 'index-root' AND owner_id = $1 AND version = $2 AND state = $4`,
          [organisation, version, state, state === 'disabled' ? 'decrypt_only' : 'disabled'],
        ),
      )
    },
  }
}

/** The number that follows: never one that was used, and of the other parity than the active one's. */
function nextVersion(roots: readonly IndexRoot[], active: number): number {
  const highest = Math.max(active, ...roots.map((root) => root.version))
  const next = parityOf(highest + 1) === parityOf(active) ? highest + 2 : highest + 1
  if (next > versionMax)
    throw new Refused(`Tokens count ${versionMax} versions of the index key, and all of them were used.`)
  return next
}
