import 'server-only'
import type { Pool } from 'pg'

import type { DataKey } from '#lib/crypto/data-keys.ts'

/**
 * Adds up how often each data key version has encrypted, across processes. Keys handed out for writing are watched; their
 * counts reach the store in batches, off the path of the request. A killed process loses at most one batch, which the limit of
 * 2^31 (half of what NIST SP 800-38D allows) leaves room for.
 */
export class EncryptionCounts {
  readonly #database: Pool
  /** Keys with encryptions that were not handed in yet. */
  readonly #used = new Set<DataKey>()
  readonly #note = (key: DataKey): void => {
    this.#used.add(key)
  }
  #adding: Promise<void> = Promise.resolve()

  constructor(database: Pool) {
    this.#database = database
  }

  watch(key: DataKey): void {
    key.whenUsed(this.#note)
  }

  /** Hands in what has been counted. A failure keeps the counts for the next time. */
  add(): Promise<void> {
    this.#adding = this.#adding.then(() => this.#addNow())
    return this.#adding
  }

  async #addNow(): Promise<void> {
    const used = [...this.#used].map((key) => ({ key, count: key.takeUnreported() }))
    this.#used.clear()
    if (used.length === 0) return
    try {
      await this.#database.query(
        // Summed first: a version that was loaded anew is here twice, and an UPDATE takes one of several rows that it joins.
        `UPDATE keys.data_key AS stored SET encryptions = stored.encryptions + used.count
           FROM (SELECT owner_id, version, sum(count) AS count
                   FROM unnest($1::text[], $2::int[], $3::bigint[]) AS each (owner_id, version, count) GROUP BY 1, 2) AS used
          WHERE stored.purpose = 'data-key' AND stored.owner_id = used.owner_id AND stored.version = used.version`,
        [
          used.map(({ key }) => key.ownerId),
          used.map(({ key }) => key.version),
          used.map(({ count }) => count),
        ],
      )
    } catch {
      for (const { key, count } of used) {
        key.returnUnreported(count)
        this.#used.add(key)
      }
    }
  }
}
