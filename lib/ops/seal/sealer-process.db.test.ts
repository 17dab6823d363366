import { existsSync, readFileSync, statSync } from 'node:fs'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { afterAll, beforeAll, expect, test } from 'vitest'

import { verifyTrail } from '#lib/audit/seal/verify-trail.ts'
import { testDatabase, type TestDatabase } from '#lib/testing/test-database.ts'
import { anchorFile, openFileAnchor } from './file-anchor.ts'
import { makeMissingSealKey, readVerifierKey, verifierKeyFile } from './seal-key.ts'
import { keepSealer } from './sealer-process.ts'

const root = path.resolve(import.meta.dirname, '../../..')
let database: TestDatabase
let superuser: pg.Client
let reader: pg.Client
beforeAll(async () => {
  database = await testDatabase()
  superuser = new pg.Client({ connectionString: database.urls.superuser })
  reader = new pg.Client({ connectionString: database.urls.sealer })
  await superuser.connect()
  await reader.connect()
  makeMissingSealKey(database.home, 'http://localhost:3000')
})
afterAll(async () => {
  await superuser.end()
  await reader.end()
})

const event = () =>
  superuser.query(
    `INSERT INTO audit.security_event_log (event_type, outcome) VALUES ('SIGN_IN_FAILED', 'REFUSED')`,
  )
const plan = () => ({ root, home: database.home, environment: 'demo' as const, url: database.urls.sealer })
const verify = () =>
  verifyTrail(reader, readVerifierKey(database.home, 1), [openFileAnchor(anchorFile(database.home))])

/** Waits until nothing is left to seal. */
async function untilSealed(): Promise<void> {
  const end = performance.now() + 120_000
  while (performance.now() < end) {
    const { rows } = await superuser.query<{ open: boolean }>(
      'SELECT tree_size IS NULL OR oldest_unsealed_at IS NOT NULL AS open FROM audit.seal_status()',
    )
    if (rows[0]?.open === false) return
    await sleep(100)
  }
  throw new Error('nothing was sealed within two minutes')
}

const sealerPids = async (): Promise<number[]> => {
  const { rows } = await superuser.query<{ pid: number }>(
    `SELECT pid FROM pg_stat_activity WHERE application_name = 'vigil sealer' AND datname = current_database()`,
  )
  return rows.map((row) => row.pid)
}

test('the key is made once, for its owner’s eyes, and the public half lies beside the anchor', () => {
  const key = path.join(database.home, 'seal', 'key.pem')
  const before = readFileSync(key, 'utf8')
  makeMissingSealKey(database.home, 'http://localhost:3000')
  expect(readFileSync(key, 'utf8')).toBe(before)
  expect(statSync(key).mode & 0o777).toBe(0o600)
  expect(readFileSync(verifierKeyFile(database.home), 'utf8')).toMatch(
    /^localhost:3000\/audit\/[0-9a-f]{8}\/1[+]/,
  )
})

test('seals by itself; a second one waits, takes over when the first loses its connection, and both end when told', async () => {
  const stops = [keepSealer(plan()), keepSealer(plan())]
  try {
    await event()
    await untilSealed()
    expect(await verify()).toMatchObject({ ok: true, findings: [] })
    // Both are connected, one holds the lock: ending either's connection must not end the sealing.
    while ((await sealerPids()).length < 2) await sleep(100)
    await superuser.query(
      `SELECT pg_terminate_backend(l.pid) FROM pg_locks l WHERE l.locktype = 'advisory' AND l.classid = 7614 AND l.granted
         AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())`,
    )
    await event()
    await untilSealed()
    const verdict = await verify()
    expect(verdict).toMatchObject({ ok: true, findings: [] })
    expect(verdict.sealedThrough).not.toBeNull()
  } finally {
    await Promise.all(stops.map((stop) => stop()))
  }
  expect(await sealerPids()).toEqual([])
  expect(existsSync(anchorFile(database.home))).toBe(true)
}, 240_000)
