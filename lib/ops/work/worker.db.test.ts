import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { afterAll, beforeAll, expect, test } from 'vitest'

import { readiness } from '#lib/auth/readiness.ts'
import { appQuery } from '#lib/db/app-database.ts'
import { endPools } from '#lib/db/pools.ts'
import { env } from '#lib/env.ts'
import { initialiseKeyStore } from '#lib/keys/initialise-key-store.ts'
import { checkWorker } from '#lib/ops/doctor/check-worker.ts'
import { testDatabase } from '#lib/testing/test-database.ts'
import type { Job } from './job.ts'
import { runJobs } from './run-jobs.ts'
import { keepWorker } from './worker-process.ts'

const root = path.resolve(import.meta.dirname, '../../..')
let superuser: pg.Client
beforeAll(async () => {
  // Jobs that need keys find some: none of them may fail for the want of a key store.
  await initialiseKeyStore(env)
  superuser = new pg.Client({ connectionString: (await testDatabase()).urls.superuser })
  await superuser.connect()
})
afterAll(async () => {
  await superuser.end()
  await endPools()
})

const claim = async (names: string[], seconds: number, first = false): Promise<string[]> => {
  const rows = await appQuery<{ name: string }>(
    'SELECT name FROM app.jobs_claim($1, $2, $3) AS name ORDER BY name',
    [names, names.map(() => seconds), first],
    'worker',
  )
  return rows.map(({ name }) => name)
}
const finish = (name: string, error: string | null = null) =>
  appQuery('SELECT app.job_finished($1, $2)', [name, error], 'worker')
const age = (name: string, interval: string) =>
  superuser.query('UPDATE app.job_run SET started_at = started_at - $2::interval WHERE name = $1', [
    name,
    interval,
  ])

test('a job is due once per period, sooner after a failure, and at once when its worker was killed', async () => {
  expect(await claim(['b.two', 'a.one'], 3600)).toEqual(['a.one', 'b.two'])
  expect(await claim(['a.one', 'b.two'], 3600)).toEqual([])
  await finish('a.one')
  expect(await claim(['a.one', 'b.two'], 3600, true)).toEqual(['b.two'])
  await finish('b.two', 'TypeError')
  await age('a.one', '10 minutes')
  await age('b.two', '4 minutes')
  expect(await claim(['a.one', 'b.two'], 3600)).toEqual([])
  await age('b.two', '2 minutes')
  expect(await claim(['a.one', 'b.two'], 3600)).toEqual(['b.two'])
  await age('a.one', '1 hour')
  expect(await claim(['a.one', 'b.two'], 3600)).toEqual(['a.one'])
})

test('nobody but the worker takes a job, and a job cannot pass itself off as the sign of life', async () => {
  await expect(appQuery('SELECT app.jobs_claim($1, $2, false)', [['a.one'], [60]])).rejects.toMatchObject({
    code: '42501',
  })
  await expect(appQuery('SELECT app.job_finished($1, NULL)', ['a.one'])).rejects.toMatchObject({
    code: '42501',
  })
  expect(await claim(['worker'], 60, true)).toEqual([])
  await expect(claim(['Not A Name'], 60)).rejects.toMatchObject({ code: '23514' })
})

test('runs what is due beside each other, survives what throws, and waits for what runs when told to end', async () => {
  const stopping = new AbortController()
  const done: string[] = []
  const job = (name: string, run: Job['run']): Job => ({ name, everySeconds: 3600, run })
  const running = runJobs(
    [
      job('test.slow', async () => {
        while (!stopping.signal.aborted) await sleep(5)
        await sleep(5)
        done.push('slow')
      }),
      job('test.throws', () => Promise.reject(new RangeError('Maria Alvarez'))),
      job('test.quick', () => {
        done.push('quick')
        stopping.abort()
        return Promise.resolve()
      }),
    ],
    stopping.signal,
  )
  await running
  expect(done).toEqual(['quick', 'slow'])
  const { rows } = await superuser.query<{ name: string; error_name: string | null }>(
    `SELECT name, error_name FROM app.job_run WHERE name LIKE 'test.%' AND finished_at IS NOT NULL ORDER BY name`,
  )
  expect(rows).toContainEqual({ name: 'test.slow', error_name: null })
  expect(JSON.stringify(rows)).not.toContain('Maria')
})

test('two processes: one works, the other takes over when its connection goes, and readiness knows', async () => {
  await superuser.query('DELETE FROM app.job_run')
  expect((await readiness()).worker).toBe('stale')
  const holders = async (): Promise<number[]> => {
    const { rows } = await superuser.query<{ pid: number }>(
      `SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND classid = 7614 AND objid = 3 AND granted
          AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`,
    )
    return rows.map(({ pid }) => pid)
  }
  const until = async (what: () => Promise<boolean>): Promise<void> => {
    for (const end = performance.now() + 90_000; !(await what()); await sleep(100))
      if (performance.now() > end) throw new Error('it did not come about within 90 seconds')
  }
  const stops = [
    keepWorker({ root, environment: process.env }),
    keepWorker({ root, environment: process.env }),
  ]
  try {
    await until(async () => (await readiness()).worker === 'ok')
    const { rows } = await superuser.query(
      `SELECT FROM app.job_run WHERE name = 'audit.partitions' AND error_name IS NULL`,
    )
    expect(rows).toHaveLength(1)
    expect((await checkWorker(superuser, env)).every((check) => check.ok)).toBe(true)
    const [holder] = await holders()
    await superuser.query('SELECT pg_terminate_backend($1)', [holder])
    await until(async () => {
      const now = await holders()
      return now.length === 1 && now[0] !== holder
    })
  } finally {
    await Promise.all(stops.map((stop) => stop()))
  }
  expect(await holders()).toEqual([])
  await finish('audit.partitions', 'RangeError')
  expect((await readiness()).worker).toBe('failing')
  expect((await checkWorker(superuser, env)).find((check) => !check.ok)?.detail).toContain('audit.partitions')
}, 300_000)
