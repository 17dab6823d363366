import pg from 'pg'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { readiness } from '#lib/auth/readiness.ts'
import { endPools } from '#lib/db/pools.ts'
import { env } from '#lib/env.ts'
import { initialiseKeyStore } from '#lib/keys/initialise-key-store.ts'
import { closeProcessKeyStore } from '#lib/keys/process-key-store.ts'
import { testDatabase } from '#lib/testing/test-database.ts'
import { openRetention } from './open-retention.ts'

// What would be lost if this failed: on the first of a month nobody could open a record, and nobody would have been told.

let superuser: pg.Client
beforeAll(async () => {
  await initialiseKeyStore(env)
  superuser = new pg.Client({ connectionString: (await testDatabase()).urls.superuser })
  await superuser.connect()
})
afterAll(async () => {
  await superuser.end()
  await endPools()
  await closeProcessKeyStore()
})

/** Takes the log's table of a month away, some months from now. */
const takeAway = async (ahead: number): Promise<void> => {
  const { rows } = await superuser.query<{ name: string }>(
    `SELECT 'security_event_log_' || to_char((now() AT TIME ZONE 'UTC') + make_interval(months => $1), 'YYYYMM') AS name`,
    [ahead],
  )
  const name = rows[0]?.name ?? ''
  await superuser.query(`ALTER TABLE audit.security_event_log DETACH PARTITION audit.${name}`)
  await superuser.query(`DROP TABLE audit.${name}`)
}

test('room that ends is said two months before, and is no error until it has ended', async () => {
  expect(await openRetention()).toMatchObject({ isEnding: false })
  expect((await readiness()).partitions).toBe('ok')
  await takeAway(2)
  expect(await openRetention()).toMatchObject({ isEnding: true })
  expect((await readiness()).partitions).toBe('ok')
  await takeAway(1)
  expect(await readiness()).toMatchObject({ partitions: 'ending', ready: true })
  await takeAway(0)
  expect(await readiness()).toMatchObject({ partitions: 'missing', ready: false })
  // what the worker does each day, and an operator by vigil migrate
  await superuser.query('SELECT audit.ensure_partitions(3)')
  expect(await openRetention()).toMatchObject({ isEnding: false })
})
