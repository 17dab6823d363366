import { copyFileSync, mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import pg from 'pg'
import { afterAll, beforeAll, expect, test } from 'vitest'

import { Sealer } from '#lib/audit/seal/sealer.ts'
import { verifyTrail } from '#lib/audit/seal/verify-trail.ts'
import { formatVerifierKey } from '#lib/merkle/note-key.ts'
import { run as restoreAck } from '#lib/ops/audit/audit-restore-ack.ts'
import { serveWitness, type WitnessServer } from '#lib/ops/witness/serve-witness.ts'
import { openWitnessKey } from '#lib/ops/witness/witness-directory.ts'
import { Witness } from '#lib/ops/witness/witness.ts'
import { parseEnv } from '#lib/parse-env.ts'
import { startBucketServer, type BucketServer } from '#lib/testing/bucket-server.ts'
import { sealAll } from '#lib/testing/seal-all.ts'
import { testDatabase, type TestDatabase } from '#lib/testing/test-database.ts'
import { anchorFile } from './file-anchor.ts'
import { openAnchors } from './open-anchors.ts'
import { makeMissingSealKey, readSealKey, readVerifierKey } from './seal-key.ts'

let database: TestDatabase
let superuser: pg.Client
let sealing: pg.Client
let reading: pg.Client
let server: WitnessServer
let bucket: BucketServer
const directory = mkdtempSync(path.join(tmpdir(), 'vigil-witness-'))
const signer = openWitnessKey(directory, 'w.example/witness')
let port = 0

const connect = async (connectionString: string): Promise<pg.Client> => {
  const client = new pg.Client({ connectionString })
  await client.connect()
  return client
}
const startWitness = async (): Promise<void> => {
  const witness = new Witness(directory, signer, () => [readVerifierKey(database.home, 1)])
  server = await serveWitness(witness, { address: '127.0.0.1', port })
  port = Number(new URL(server.url).port)
}
beforeAll(async () => {
  database = await testDatabase()
  superuser = await connect(database.urls.superuser)
  sealing = await connect(database.urls.sealer)
  reading = await connect(database.urls.sealer)
  makeMissingSealKey(database.home, 'http://localhost:3000')
  await startWitness()
  bucket = await startBucketServer()
  Object.assign(process.env, settings(), { AWS_ACCESS_KEY_ID: 'test', AWS_SECRET_ACCESS_KEY: 'test' })
})
afterAll(async () => {
  await Promise.all([superuser.end(), sealing.end(), reading.end(), server.close(), bucket.close()])
})
const settings = () => ({
  WITNESS_URL: server.url,
  WITNESS_KEY: formatVerifierKey(signer.verifier),
  ANCHOR_BUCKET: 'anchors',
  ANCHOR_BUCKET_ENDPOINT: bucket.url,
})
const anchors = () => openAnchors(parseEnv(process.env))
const makeSealer = async () => {
  const places = await anchors()
  return new Sealer(sealing, (number) => readSealKey(database.home, number), places.file, places)
}
const write = (count: number) =>
  superuser.query(
    `INSERT INTO audit.security_event_log (event_type, outcome) SELECT 'SIGN_IN_FAILED', 'REFUSED' FROM generate_series(1, $1)`,
    [count],
  )
const standing = async () =>
  (await superuser.query('SELECT anchor, kind, failure FROM audit.anchor_status()')).rows
const events = async (name: string) =>
  (await superuser.query(`SELECT detail ->> 'anchor' AS anchor FROM audit.security_event_log WHERE event_type = $1`, [name])).rows // prettier-ignore
const published = async () =>
  (await superuser.query(`SELECT p.tree_size = (SELECT max(tree_size) FROM audit.checkpoint) AS newest FROM audit.publication p`)).rows[0]?.newest // prettier-ignore
const verify = async (incarnation = 1) =>
  verifyTrail(reading, readVerifierKey(database.home, incarnation), (await anchors()).all)
const names = ['bucket anchors', 'file', 'witness w.example/witness']

test('each checkpoint is signed by the witness before it counts; away, it holds nothing up, is an event, and catches up', async () => {
  await write(30)
  let sealer = await makeSealer()
  await sealAll(sealer, superuser)
  expect((await standing()).map((each) => [each.anchor, each.failure])).toEqual(names.map((name) => [name, null])) // prettier-ignore
  expect(await published()).toBe(true)
  const newest = await (await anchors()).file.newest()
  expect(newest?.match(/^— /gm)).toHaveLength(2)
  expect(await verify()).toMatchObject({ ok: true, unreached: [] })

  await server.close()
  await write(30)
  await sealAll(sealer, superuser)
  expect(await published()).toBe(false)
  expect((await standing()).find((each) => each.kind === 'witness')?.failure).toBe('away')
  // The event of its failing was sealed as well; what was sealed is whole.
  expect(await events('ANCHOR_FAILED')).toEqual([{ anchor: 'witness w.example/witness' }])
  expect(await verify()).toMatchObject({ ok: true, unreached: ['witness w.example/witness'] })

  await startWitness()
  sealer = await makeSealer()
  await sealAll(sealer, superuser)
  expect(await published()).toBe(true)
  expect(await events('ANCHOR_ANSWERED')).toEqual([{ anchor: 'witness w.example/witness' }])
  expect(await verify()).toMatchObject({ ok: true, unreached: [] })
})

test('put back together with its anchor file, as a machine from a snapshot, the database is found out by the witness', async () => {
  const file = anchorFile(database.home)
  const kept = path.join(directory, 'anchor-before')
  copyFileSync(file, kept)
  const { rows } = await superuser.query<{ size: string }>('SELECT max(tree_size)::text AS size FROM audit.checkpoint') // prettier-ignore
  const before = Number(rows[0]?.size)
  await write(20)
  await sealAll(await makeSealer(), superuser)
  await superuser.query('SET session_replication_role = replica')
  for (const sql of [
    `DELETE FROM audit.security_event_log WHERE log_id IN (SELECT log_id FROM audit.seal_leaf WHERE leaf_index >= ${before})`,
    `DELETE FROM audit.seal_leaf WHERE leaf_index >= ${before}`,
    `DELETE FROM audit.checkpoint WHERE tree_size > ${before}`,
    `DELETE FROM audit.anchor_receipt WHERE tree_size > ${before}`,
  ])
    await superuser.query(sql)
  await superuser.query('SET session_replication_role = origin')
  copyFileSync(kept, file)

  const verdict = await verify()
  // The bucket may have got its checkpoint of the hour as well.
  expect(new Set(verdict.findings.map(({ kind }) => kind))).toEqual(new Set(['TRUNCATED_OR_ROLLED_BACK']))
  expect(verdict.findings.map(({ detail }) => detail)).toContain(
    `witness w.example/witness holds a tree of ${before + 20} leaves, the database ${before}`,
  )
  const standsStill = await makeSealer()
  await expect(standsStill.step()).rejects.toThrow('leaves was signed')
  expect((await standing()).find((each) => each.kind === 'witness')?.failure).toBe('differs')

  // Stated, the loss is in the first leaf of the next tree, as the witness knew it; and the sealer goes on.
  const reason = 'The machine was put back from a snapshot'
  const env = parseEnv(process.env)
  const { json } = await restoreAck({ words: [], options: { reason }, env, say: () => undefined })
  expect(json).toMatchObject({ incarnation: 2, restoredSize: before, lastAnchored: { size: before + 20 } })
  await sealAll(await makeSealer(), superuser)
  expect(await verify(2)).toMatchObject({ ok: true, findings: [], unreached: [] })
})
