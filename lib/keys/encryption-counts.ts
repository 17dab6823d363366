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
  readonly #watched = new Set<DataKey>()
  #adding: Promise<void> = Promise.resolve()

  constructor(database: Pool) {
    this.#database = database
  }

  watch(key: DataKey): void {
    this.#watched.add(key)
  }

  /** Hands in what has been counted. A failure keeps the counts for the next time. */
  add(): Promise<void> {
    this.#adding = this.#adding.then(() => this.#addNow())
    return this.#adding
  }

  async #addNow(): Promise<void> {
    const counted = [...this.#watched].map((key) => ({ key, count: key.takeUnreported() }))
    const used = counted.filter((each) => each.count > 0)
    // A key that did nothing since last time is let go; handing it out again watches it again.
    for (const { key, count } of counted) if (count === 0) this.#watched.delete(key)
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
      for (const { key, count } of used) key.returnUnreported(count)
    }
  }
}
