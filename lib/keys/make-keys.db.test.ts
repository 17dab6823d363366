import type { PoolClient } from 'pg'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { keyStoreUnderTest, type KeyStoreUnderTest } from '#lib/testing/key-store-under-test.ts'
import { makeFirstKeys, makeNextKey } from './make-keys.ts'
import { openKeySource } from './open-key-source.ts'

let under: KeyStoreUnderTest
beforeAll(async () => {
  under = await keyStoreUnderTest()
})
afterAll(() => under.close())

/** Ends the server's side of the next connection that answers BEGIN, while it has nothing to answer. */
function loseAfterBegin(client: PoolClient): void {
  const query = client.query.bind(client) as (...given: unknown[]) => Promise<unknown>
  const lose = async (...given: unknown[]) => {
    const result = await query(...given)
    if (given[0] !== 'BEGIN') return result
    Object.assign(client, { query })
    const gone = new Promise<void>((resolve) => client.once('end', resolve))
    const mine = "datname = current_database() AND state = 'idle in transaction'"
    await under.as('superuser', `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE ${mine}`)
    await gone
    return result
  }
  Object.assign(client, { query: lose })
}

test('a database that goes away between two statements is an error, and neither the end of the process nor of the key', async () => {
  const source = await openKeySource(under.settings)
  const { database } = source
  const { signal } = new AbortController()
  const versions = { former: 1, next: 2 }
  const states = async () =>
    (
      await under.as(
        'owner',
        "SELECT version, state FROM keys.data_key WHERE owner_id = 'patient-1' ORDER BY 1",
      )
    ).rows
  try {
    await makeFirstKeys(source, 'data-key', ['patient-1'], signal)
    database.once('acquire', loseAfterBegin)
    await expect(makeNextKey(source, 'patient-1', versions, signal)).rejects.toThrow()
    expect(await states()).toEqual([{ version: 1, state: 'active' }])
    // Control: the pool has made a new connection, and the same call works.
    await makeNextKey(source, 'patient-1', versions, signal)
    expect(await states()).toEqual([
      { version: 1, state: 'decrypt_only' },
      { version: 2, state: 'active' },
    ])
  } finally {
    await source.close()
  }
})
