import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import pg from 'pg'
import { afterEach, beforeEach } from 'vitest'

import type { Anchor } from '#lib/audit/seal/anchor.ts'
import type { VerifyMode } from '#lib/audit/seal/finding.ts'
import { Sealer } from '#lib/audit/seal/sealer.ts'
import { verifyTrail } from '#lib/audit/seal/verify-trail.ts'
import { makeSignerKey, verifierKey, type SignerKey } from '#lib/merkle/note-key.ts'
import { anchorFile, openFileAnchor } from '#lib/ops/seal/file-anchor.ts'
import { sealAll } from './seal-all.ts'
import { makeTestDatabase, type TestDatabase } from './test-database.ts'

/* A trail that a test writes by hand, seals and attacks; its names are those of the test that runs. */
export let database: TestDatabase
export let superuser: pg.Client
export let sealerClient: pg.Client
export let reader: pg.Client
export let home: string
export let key: SignerKey

export const connect = async (url: string): Promise<pg.Client> => {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  return client
}

/** Gives each test of a file a trail of its own. */
export function trailPerTest(): void {
  beforeEach(async () => {
    database = await makeTestDatabase()
    superuser = await connect(database.urls.superuser)
    sealerClient = await connect(database.urls.sealer)
    reader = await connect(database.urls.sealer)
    home = mkdtempSync(path.join(tmpdir(), 'vigil-seal-'))
    key = makeSignerKey('clinic.example/audit/test/1')
  })
  afterEach(async () => {
    for (const client of [superuser, sealerClient, reader]) await client.end()
    await database.close()
  })
}

export const signerOf = (incarnation: number): SignerKey => ({
  ...key,
  verifier: verifierKey(`clinic.example/audit/test/${incarnation}`, 'ed25519', key.verifier.key),
})
export const anchor = () => openFileAnchor(anchorFile(home))
export const sealer = () => new Sealer(sealerClient, signerOf, anchor())
export const seal = (running = sealer()) => sealAll(running, superuser)
export const verify = (mode: VerifyMode = { kind: 'full' }, anchors: readonly Anchor[] = [anchor()]) =>
  verifyTrail(reader, signerOf(1).verifier, anchors, { mode })

/** Rows as the gate writes them, straight into the log: what is tried here is the sealing. */
export async function write(count: number, client = superuser): Promise<void> {
  await client.query(
    `INSERT INTO audit.patient_phi_audit_log (actor_user_id, actor_role, db_role, session_id, request_id, patient_id, action_type, view, changed_fields, outcome, purpose, client_ip)
     SELECT gen_random_uuid(), 'nurse', 'phi_nurse', gen_random_uuid(), gen_random_uuid(), gen_random_uuid(), 'READ', 'chart-summary',
       '{"Patient": ["familyName", "mrn"], "Observation": ["value"]}', 'ALLOWED', 'TREAT', '10.0.0.1' FROM generate_series(1, $1)`,
    [count],
  )
  await client.query(
    `INSERT INTO audit.security_event_log (event_type, detail, outcome) SELECT 'SIGN_IN_FAILED', '{"step": "pass\\"word", "ä": 1}', 'REFUSED' FROM generate_series(1, $1)`,
    [Math.ceil(count / 10)],
  )
}

/** As somebody who owns the server: no trigger, no grant, no row security. */
export async function attack(sql: string, values: unknown[] = []): Promise<pg.QueryResult> {
  await superuser.query('SET session_replication_role = replica')
  try {
    return await superuser.query(sql, values)
  } finally {
    await superuser.query('SET session_replication_role = origin')
  }
}
export const kinds = (verdict: Awaited<ReturnType<typeof verify>>) =>
  [...new Set(verdict.findings.map((each) => each.kind))].sort()
