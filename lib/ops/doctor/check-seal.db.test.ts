import { chmodSync, rmSync } from 'node:fs'
import pg from 'pg'
import { afterAll, beforeAll, expect, test } from 'vitest'

import { Sealer } from '#lib/audit/seal/sealer.ts'
import { env } from '#lib/env.ts'
import { anchorFile, openFileAnchor } from '#lib/ops/seal/file-anchor.ts'
import { makeMissingSealKey, readSealKey, sealKeyFile } from '#lib/ops/seal/seal-key.ts'
import { verifyAndRemember } from '#lib/ops/seal/verify-and-remember.ts'
import { sealAll } from '#lib/testing/seal-all.ts'
import { testDatabase } from '#lib/testing/test-database.ts'
import { checkSeal } from './check-seal.ts'

let superuser: pg.Client
let sealer: pg.Client
beforeAll(async () => {
  const { urls } = await testDatabase()
  superuser = new pg.Client({ connectionString: urls.superuser })
  sealer = new pg.Client({ connectionString: urls.sealer })
  await superuser.connect()
  await sealer.connect()
})
afterAll(async () => {
  await superuser.end()
  await sealer.end()
})

const event = (age: string) =>
  superuser.query(
    `INSERT INTO audit.security_event_log (event_type, outcome, accessed_at) VALUES ('SIGN_IN_FAILED', 'REFUSED', clock_timestamp() - $1::interval)`,
    [age],
  )
const findings = async () =>
  (await checkSeal(superuser, env)).filter((check) => !check.ok).map((check) => check.name)
const seal = () =>
  sealAll(
    new Sealer(sealer, (number) => readSealKey(env.home, number), openFileAnchor(anchorFile(env.home))),
    superuser,
  )
const verify = () =>
  verifyAndRemember(sealer, { home: env.home, anchors: [openFileAnchor(anchorFile(env.home))] })

test('says in turn that all is well, that entries wait, that others may read the key, and that something was changed', async () => {
  expect(await findings()).toEqual([])
  makeMissingSealKey(env.home, 'http://localhost:3000')
  await seal()
  expect(await findings()).toEqual([])
  await event('2 minutes')
  expect(await findings()).toEqual(['audit seal: progress'])
  await seal()
  expect(await findings()).toEqual([])
  chmodSync(sealKeyFile(env.home), 0o644)
  expect(await findings()).toEqual(['audit seal: key'])
  chmodSync(sealKeyFile(env.home), 0o600)
  await verify()
  expect(await findings()).toEqual([])
  await seal()
  await superuser.query('SET session_replication_role = replica')
  await superuser.query(
    `UPDATE audit.security_event_log SET outcome = 'DONE' WHERE event_type = 'SIGN_IN_FAILED'`,
  )
  await superuser.query('SET session_replication_role = origin')
  expect((await verify()).verdict.findings.map((each) => each.kind)).toEqual(['ROW_EDITED'])
  await seal()
  expect(await findings()).toEqual(['audit seal: verified'])
  rmSync(anchorFile(env.home))
  expect(await findings()).toEqual(['audit seal: progress', 'audit seal: verified'])
})

test('names a witness that is away for more than a minute, and one that holds another history', async () => {
  const note = (failure: string | null) =>
    sealer.query(`SELECT audit.note_anchor('witness w', 'witness', 5, $1)`, [failure])
  await note('away')
  expect(await findings()).not.toContain('audit seal: witnesses')
  await superuser.query(
    `UPDATE audit.anchor_standing SET failing_since = failing_since - interval '2 minutes'`,
  )
  expect(await findings()).toContain('audit seal: witnesses')
  await note(null)
  expect(await findings()).not.toContain('audit seal: witnesses')
  await note('differs')
  expect(await findings()).toContain('audit seal: witnesses')
})
