import { execFileSync } from 'node:child_process'
import { copyFileSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { z } from 'zod'

import { Sealer } from '#lib/audit/seal/sealer.ts'
import { Refused } from '#lib/errors.ts'
import { env } from '#lib/env.ts'
import { anchorFile, openFileAnchor } from '#lib/ops/seal/file-anchor.ts'
import { makeMissingSealKey, readSealKey, verifierKeyFile } from '#lib/ops/seal/seal-key.ts'
import { sealAll } from '#lib/testing/seal-all.ts'
import { testDatabase, type TestDatabase } from '#lib/testing/test-database.ts'
import { run as prove } from './audit-prove.ts'
import { run as restoreAck } from './audit-restore-ack.ts'
import { run as verifyBundle } from './audit-verify-bundle.ts'
import { run as verify } from './audit-verify.ts'

let database: TestDatabase
let superuser: pg.Client
let client: pg.Client
const folder = mkdtempSync(path.join(tmpdir(), 'vigil-evidence-'))

beforeAll(async () => {
  database = await testDatabase()
  superuser = new pg.Client({ connectionString: database.urls.superuser })
  client = new pg.Client({ connectionString: database.urls.sealer })
  await superuser.connect()
  await client.connect()
  makeMissingSealKey(env.home, 'https://portal.clinic.example')
  await write(300)
  await seal()
})
afterAll(async () => {
  await superuser.end()
  await client.end()
})

const write = (count: number) =>
  superuser.query(
    `INSERT INTO audit.security_event_log (event_type, outcome, detail) SELECT 'SIGN_IN_FAILED', 'REFUSED', '{"step": "password"}' FROM generate_series(1, $1)`,
    [count],
  )
const seal = () =>
  sealAll(
    new Sealer(client, (number) => readSealKey(env.home, number), openFileAnchor(anchorFile(env.home))),
    client,
  )
const given = (words: string[], options: Record<string, string> = {}) => ({
  words,
  options,
  env,
  say: () => undefined,
})
const someIds = async (count: number) =>
  (
    await superuser.query<{ log_id: string }>(
      `SELECT log_id FROM audit.seal_leaf JOIN audit.security_event_log USING (log_id) WHERE event_type = 'SIGN_IN_FAILED' AND incarnation = (SELECT max(incarnation) FROM audit.seal_incarnation) ORDER BY md5(log_id::text) LIMIT $1`,
      [count],
    )
  ).rows.map((row) => row.log_id)

/** The stand-alone verifier as an outsider runs it: copied alone to an empty directory. */
function outsider(evidence: string, keyFile = verifierKeyFile(env.home)): { status: number; text: string } {
  const place = mkdtempSync(path.join(tmpdir(), 'vigil-outsider-'))
  copyFileSync(path.resolve(import.meta.dirname, '../../verifier/verify.mjs'), path.join(place, 'verify.mjs'))
  writeFileSync(path.join(place, 'evidence.json'), evidence)
  copyFileSync(keyFile, path.join(place, 'key.txt'))
  try {
    const text = execFileSync(process.execPath, ['verify.mjs', 'evidence.json', 'key.txt'], {
      cwd: place,
      encoding: 'utf8',
      stdio: 'pipe',
    })
    return { status: 0, text }
  } catch (error) {
    const { status, stderr } = z.object({ status: z.number(), stderr: z.string() }).parse(error)
    return { status, text: stderr }
  }
}

describe('evidence', () => {
  test('of some entries is checked by an outsider with one file and the public key', async () => {
    const out = path.join(folder, 'evidence.json')
    const made = await prove(given(await someIds(20), { out }))
    expect(made).toMatchObject({ ok: true })
    expect(outsider(readFileSync(out, 'utf8'))).toMatchObject({
      status: 0,
      text: expect.stringContaining('OK: 20 entries are in the tree of'),
    })
    expect(await verifyBundle(given([out]))).toMatchObject({
      ok: true,
      text: outsider(readFileSync(out, 'utf8')).text.trimEnd(),
    })
    // That it was made stands in the trail.
    const { rows } = await superuser.query(
      `SELECT FROM audit.security_event_log WHERE event_type = 'AUDIT_PROOF_MADE'`,
    )
    expect(rows.length).toBe(1)
    const { json: ofOne } = await prove(given(await someIds(1)))
    expect(outsider(JSON.stringify(ofOne)).text).toMatch(/^OK: 1 entry is in the tree of [0-9]+ leaves that /)
  })

  test('is refused when anything in it was changed, whatever it is', async () => {
    const { json } = await prove(given(await someIds(3)))
    const text = JSON.stringify(json)
    const bend = (
      change: (copy: {
        checkpoint: string
        entries: { index: number; data: string; proof: string[] }[]
      }) => void,
    ) => {
      const copy = JSON.parse(text)
      change(copy)
      return outsider(JSON.stringify(copy))
    }
    const first = (copy: { entries: { index: number; data: string; proof: string[] }[] }) =>
      copy.entries[0] ?? { index: 0, data: '', proof: [] }
    const changes: Parameters<typeof bend>[0][] = [
      (copy) => (first(copy).data = first(copy).data.replace('SIGN_IN_FAILED', 'SESSION_OPENED')),
      (copy) => (first(copy).index += 1),
      (copy) => first(copy).proof.pop(),
      (copy) => first(copy).proof.push(first(copy).proof[0] ?? ''),
      (copy) => (first(copy).proof[0] = Buffer.alloc(32).toString('base64')),
      (copy) => (copy.checkpoint = copy.checkpoint.replace(/^([^\n]+)\n([0-9]+)/, '$1\n9999')),
      (copy) => (copy.checkpoint = copy.checkpoint.replace('portal.clinic.example', 'portal.other.example')),
      (copy) => (copy.checkpoint = ''),
    ]
    for (const change of changes)
      expect(bend(change)).toMatchObject({ status: 1, text: expect.stringContaining('NOT PROVEN') })
    expect(outsider(text).status).toBe(0)
    const otherKey = path.join(folder, 'other-key.txt')
    writeFileSync(otherKey, 'PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW')
    expect(outsider(text, otherKey)).toMatchObject({ status: 1 })
    const bent = path.join(folder, 'bent.json')
    writeFileSync(bent, text.replace('SIGN_IN_FAILED', 'SESSION_OPENED'))
    expect(await verifyBundle(given([bent]))).toMatchObject({ ok: false, json: { ok: false } })
  })

  test('of an entry that is not there is not made', async () => {
    await expect(prove(given(['00000000-0000-4000-8000-000000000000']))).rejects.toThrow(Refused)
    expect(() => prove(given(['not an id']))).toThrow('log ids')
  })
})

test('an entry that was deleted or altered behind the product’s back is named, not left out of the evidence', async () => {
  const [altered = '', deleted = '', honest = ''] = await someIds(3)
  await superuser.query(
    'CREATE TABLE kept AS SELECT * FROM audit.security_event_log WHERE log_id = ANY ($1::uuid[])',
    [[altered, deleted]],
  )
  await superuser.query('SET session_replication_role = replica')
  await superuser.query(`UPDATE audit.security_event_log SET outcome = 'DONE' WHERE log_id = $1`, [altered])
  await superuser.query('DELETE FROM audit.security_event_log WHERE log_id = $1', [deleted])
  await expect(prove(given([honest, altered]))).rejects.toThrow(altered)
  await expect(prove(given([honest, deleted]))).rejects.toThrow(deleted)
  await superuser.query('DELETE FROM audit.security_event_log WHERE log_id = $1', [altered])
  await superuser.query('INSERT INTO audit.security_event_log SELECT * FROM kept')
  await superuser.query('DROP TABLE kept')
  await superuser.query('SET session_replication_role = origin')
  expect(await prove(given([honest, altered, deleted]))).toMatchObject({ ok: true })
})

describe('after a restore', () => {
  test('the sealer stands still until it is acknowledged, and the loss is on record for good', async () => {
    expect(await verify(given([]))).toMatchObject({ ok: true })
    await expect(restoreAck(given([], { reason: 'There was no restore at all.' }))).rejects.toThrow(
      'nothing was lost',
    )
    // Yesterday's backup comes back: the newest rows and everything sealed with them are gone.
    await seal()
    await write(40)
    await seal()
    const { rows } = await superuser.query<{ size: string }>(
      'SELECT max(tree_size) - 41 AS size FROM audit.checkpoint',
    )
    const kept = Number(rows[0]?.size)
    await superuser.query('SET session_replication_role = replica')
    await superuser.query(
      'DELETE FROM audit.security_event_log WHERE log_id IN (SELECT log_id FROM audit.seal_leaf WHERE leaf_index >= $1)',
      [kept],
    )
    await superuser.query('DELETE FROM audit.seal_leaf WHERE leaf_index >= $1', [kept])
    await superuser.query('DELETE FROM audit.anchor_receipt WHERE tree_size > $1', [kept])
    await superuser.query('DELETE FROM audit.checkpoint WHERE tree_size > $1', [kept])
    await superuser.query('SET session_replication_role = origin')
    expect(await verify(given([]))).toMatchObject({
      ok: false,
      json: {
        findings: expect.arrayContaining([expect.objectContaining({ kind: 'TRUNCATED_OR_ROLLED_BACK' })]),
      },
    })
    await expect(seal()).rejects.toThrow('the anchor holds a tree of')

    expect(() => restoreAck(given([], { reason: 'short' }))).toThrow('10 to 500')
    expect(await restoreAck(given([], { reason: 'Restored the backup of last night.' }))).toMatchObject({
      ok: true,
      json: { incarnation: 2 },
    })
    await seal()
    const verdict = await verify(given([]))
    expect(verdict).toMatchObject({ ok: true, json: { findings: [] } })
    const genesis = await superuser.query<{ genesis: string }>(
      'SELECT genesis FROM audit.seal_incarnation WHERE incarnation = 2',
    )
    expect(genesis.rows[0]?.genesis).toContain('Restored the backup of last night.')
    await write(5)
    await seal()
    expect(await verify(given([]))).toMatchObject({ ok: true })
    const ids = await someIds(2)
    expect(outsiderOfSecond((await prove(given(ids))).json)).toMatchObject({ status: 0 })

    // Going back behind the acknowledged restore is found as well.
    await superuser.query('SET session_replication_role = replica')
    for (const table of [
      'anchor_receipt',
      'verification',
      'checkpoint',
      'seal_node',
      'seal_leaf',
      'seal_incarnation',
    ])
      await superuser.query(`DELETE FROM audit.${table} WHERE incarnation = 2`)
    await superuser.query('SET session_replication_role = origin')
    expect(await verify(given([]))).toMatchObject({ ok: false })
    await expect(seal()).rejects.toThrow('another tree')
  })

  /** The key file names the first tree; a later one has the same key under its own name. */
  const outsiderOfSecond = (json: unknown) => {
    const { verifierKey } = z.object({ verifierKey: z.string() }).parse(json)
    const file = path.join(folder, 'second-key.txt')
    writeFileSync(file, verifierKey)
    return outsider(JSON.stringify(json), file)
  }
})
