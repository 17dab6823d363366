import { appendFileSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import pg from 'pg'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'

import { canonicalJson } from '#lib/crypto/canonical-json.ts'
import { signCheckpoint } from '#lib/merkle/checkpoint.ts'
import { makeSignerKey, verifierKey, type SignerKey } from '#lib/merkle/note-key.ts'
import { anchorFile, openFileAnchor } from '#lib/ops/seal/file-anchor.ts'
import { sealAll } from '#lib/testing/seal-all.ts'
import { makeTestDatabase, type TestDatabase } from '#lib/testing/test-database.ts'
import { AnchorAway, type Anchor } from './anchor.ts'
import type { VerifyMode } from './finding.ts'
import { leafData } from './leaf-data.ts'
import { Sealer } from './sealer.ts'
import { asText, sealedLogs, textSettings } from './sealed-log.ts'
import { verifyTrail } from './verify-trail.ts'

let database: TestDatabase
let superuser: pg.Client
let sealerClient: pg.Client
let reader: pg.Client
let home: string
let key: SignerKey

const connect = async (url: string): Promise<pg.Client> => {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  return client
}

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

const signerOf = (incarnation: number): SignerKey => ({
  ...key,
  verifier: verifierKey(`clinic.example/audit/test/${incarnation}`, 'ed25519', key.verifier.key),
})
const anchor = () => openFileAnchor(anchorFile(home))
const sealer = () => new Sealer(sealerClient, signerOf, anchor())
const seal = (running = sealer()) => sealAll(running, superuser)
const verify = (mode: VerifyMode = { kind: 'full' }, anchors: readonly Anchor[] = [anchor()]) =>
  verifyTrail(reader, signerOf(1).verifier, anchors, { mode })

/** Rows as the gate writes them, straight into the log: what is tried here is the sealing. */
async function write(count: number, client = superuser): Promise<void> {
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
async function attack(sql: string, values: unknown[] = []): Promise<pg.QueryResult> {
  await superuser.query('SET session_replication_role = replica')
  try {
    return await superuser.query(sql, values)
  } finally {
    await superuser.query('SET session_replication_role = origin')
  }
}
const kinds = (verdict: Awaited<ReturnType<typeof verify>>) =>
  [...new Set(verdict.findings.map((each) => each.kind))].sort()

describe('sealing', () => {
  test('what is hashed is the canonical JSON of every column, as it stands in the database', async () => {
    await write(1)
    await superuser.query(textSettings)
    for (const log of Object.values(sealedLogs)) {
      const columns = await superuser.query<{ name: string }>(
        `SELECT attname AS name FROM pg_attribute WHERE attrelid = ('audit.' || $1)::regclass AND attnum > 0 AND NOT attisdropped ORDER BY attname COLLATE "C"`,
        [log.table],
      )
      // A new column needs a new format of leaves: without one it would stay unsealed.
      expect(log.columns.map((column) => column.name)).toEqual(columns.rows.map((row) => row.name))
      const { rows } = await superuser.query<(string | null)[]>({
        text: `SELECT ${log.select} FROM audit.${log.table} l LIMIT 1`,
        rowMode: 'array',
        types: asText,
      })
      const row = rows[0] ?? []
      const time = await superuser.query<{ text: string }>(
        `SELECT to_char(accessed_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') AS text FROM audit.${log.table} LIMIT 1`,
      )
      const values = log.columns.map(({ name, json }, at) => [
        name,
        json && row[at] != null ? JSON.parse(row[at]) : (row[at] ?? null),
      ])
      const object = { ...Object.fromEntries(values), accessed_at: time.rows[0]?.text }
      const former = Object.fromEntries(
        Object.entries(object).filter(([name]) => !/^(?:writer_|row_mac)/.test(name)),
      )
      expect(leafData(log, row)).toBe(canonicalJson({ ...former, format: '1', log: log.table }))
      expect(leafData(log, row, 2)).toBe(canonicalJson({ ...object, format: '2', log: log.table }))
    }
  })

  test('seals everything once, goes on after a restart, and is verified', async () => {
    await write(300)
    const first = sealer()
    expect(await seal(first)).toBeGreaterThanOrEqual(330)
    expect(await first.step()).toBe(0)
    await write(50)
    const { treeSize } = await verify()
    expect(await seal()).toBe(55)
    const verdict = await verify()
    expect(verdict).toMatchObject({ ok: true, findings: [], treeSize: treeSize + 55, incarnation: 1 })
    const { rows } = await superuser.query<{ rows: string; leaves: string }>(
      `SELECT (SELECT count(*) FROM audit.patient_phi_audit_log) + (SELECT count(*) FROM audit.security_event_log) AS rows, (SELECT count(*) FROM audit.seal_leaf WHERE log <> 'G') AS leaves`,
    )
    expect(rows[0]?.leaves).toBe(rows[0]?.rows)
  })

  test('a transaction held open holds sealing back at itself, and nothing is lost behind it', async () => {
    const other = await connect(database.urls.superuser)
    await write(5)
    const running = sealer()
    await seal(running)
    await other.query('BEGIN')
    await write(3, other)
    await write(40)
    expect(await running.step()).toBe(0)
    await other.query('COMMIT')
    expect(await seal(running)).toBe(3 + 1 + 40 + 4)
    expect(await verify()).toMatchObject({ ok: true, findings: [] })
    await other.end()
  })

  test('thirty-two writers at once, with the sealer running, leave nothing to complain about', async () => {
    const running = sealer()
    const writers = await Promise.all(Array.from({ length: 32 }, () => connect(database.urls.superuser)))
    let writing = true
    const sealing = (async () => {
      while (writing) await running.step()
    })()
    await Promise.all(
      writers.map(async (client, at) => {
        for (let round = 0; round < 8; round += 1) {
          await client.query('BEGIN')
          await write(3, client)
          await client.query((at + round) % 5 === 0 ? 'ROLLBACK' : 'COMMIT')
        }
      }),
    )
    writing = false
    await sealing
    await seal(running)
    const verdict = await verify()
    expect(verdict).toMatchObject({ ok: true, findings: [] })
    expect(verdict.treeSize).toBeGreaterThan(32 * 6 * 4)
    await Promise.all(writers.map((client) => client.end()))
  }, 60_000)

  test('dies between commit and anchor without harm', async () => {
    await write(20)
    const broken = { ...anchor(), keep: () => Promise.reject(new Error('the disk is full')) }
    await expect(new Sealer(sealerClient, signerOf, broken).step()).rejects.toThrow('the disk is full')
    await seal()
    expect(await verify()).toMatchObject({ ok: true, findings: [] })
  })

  test('neither the sealer’s login nor any other can change what was sealed', async () => {
    await write(5)
    await seal()
    for (const url of [
      database.urls.sealer,
      database.urls.app,
      database.urls.worker,
      database.urls.audit_reader,
    ]) {
      const client = await connect(url)
      for (const table of [
        'seal_leaf',
        'seal_node',
        'checkpoint',
        'anchor_receipt',
        'seal_incarnation',
        'verification',
      ])
        for (const verb of [
          `DELETE FROM audit.${table}`,
          `TRUNCATE audit.${table}`,
          `UPDATE audit.${table} SET incarnation = 2`,
        ])
          await expect(client.query(verb)).rejects.toMatchObject({ code: '42501' })
      await client.end()
    }
    // Nor can the owner, while the triggers stand.
    await expect(superuser.query('DELETE FROM audit.seal_leaf')).rejects.toMatchObject({ code: '42501' })
    await expect(
      sealerClient.query(`INSERT INTO audit.security_event_log (event_type, outcome) VALUES ('X', 'DONE')`),
    ).rejects.toMatchObject({ code: '42501' })
  })
})

describe('what somebody who owns the server may do, and how it is found', () => {
  const middle = `(SELECT log_id FROM audit.seal_leaf WHERE leaf_index = 100)`
  beforeEach(async () => {
    await write(200)
    await seal()
    if (!(await verify()).ok) throw new Error('the trail was not in order to begin with')
  })

  test('editing a row', async () => {
    await attack(`UPDATE audit.patient_phi_audit_log SET actor_role = 'clinician' WHERE log_id = ${middle}`)
    const verdict = await verify()
    expect(verdict.findings).toEqual([expect.objectContaining({ kind: 'ROW_EDITED', leafIndex: 100 })])
    const { rows } = await superuser.query<{ log_id: string }>(`SELECT ${middle} AS log_id`)
    expect(verdict.findings[0]?.logId).toBe(rows[0]?.log_id)
  })

  test('deleting a row', async () => {
    await attack(`DELETE FROM audit.patient_phi_audit_log WHERE log_id = ${middle}`)
    expect((await verify()).findings).toEqual([
      expect.objectContaining({ kind: 'ROW_DELETED', leafIndex: 100 }),
    ])
  })

  test('deleting a row with its leaf, and numbering the leaves anew', async () => {
    await attack(`DELETE FROM audit.patient_phi_audit_log WHERE log_id = ${middle}`)
    await attack('DELETE FROM audit.seal_leaf WHERE leaf_index = 100')
    expect(kinds(await verify())).toEqual(['ROW_DELETED', 'TRUNCATED_OR_ROLLED_BACK'])
    await attack('UPDATE audit.seal_leaf SET leaf_index = leaf_index - 1 WHERE leaf_index > 100')
    expect(kinds(await verify())).toEqual(['TRUNCATED_OR_ROLLED_BACK'])
    // With a leaf of one's own at the end the size fits again, and the roots do not.
    await attack(`INSERT INTO audit.seal_leaf (incarnation, leaf_index, log, log_id, tx_id, seq, format, leaf_hash)
      SELECT incarnation, leaf_index + 1, 'P', gen_random_uuid(), tx_id, seq + 1000, format, leaf_hash FROM audit.seal_leaf ORDER BY leaf_index DESC LIMIT 1`)
    expect(kinds(await verify())).toContain('HISTORY_REWRITTEN')
  })

  test('putting a row among the sealed ones', async () => {
    await attack(`INSERT INTO audit.patient_phi_audit_log SELECT (jsonb_populate_record(NULL::audit.patient_phi_audit_log, to_jsonb(l) || jsonb_build_object('log_id', gen_random_uuid(), 'seq', -1))).*
      FROM audit.patient_phi_audit_log l WHERE l.log_id = ${middle}`)
    const verdict = await verify()
    expect(verdict.findings).toEqual([expect.objectContaining({ kind: 'ROW_INSERTED' })])
  })

  test('giving a row another place in the order', async () => {
    await attack(`UPDATE audit.patient_phi_audit_log SET seq = seq - 50 WHERE log_id = ${middle}`)
    expect((await verify()).findings).toEqual([
      expect.objectContaining({ kind: 'ROW_EDITED', leafIndex: 100 }),
    ])
  })

  test('exchanging two leaves', async () => {
    await attack('UPDATE audit.seal_leaf SET leaf_index = 100000 WHERE leaf_index = 100')
    await attack('UPDATE audit.seal_leaf SET leaf_index = 100 WHERE leaf_index = 101')
    await attack('UPDATE audit.seal_leaf SET leaf_index = 101 WHERE leaf_index = 100000')
    expect(kinds(await verify())).toEqual(expect.arrayContaining(['HISTORY_REWRITTEN', 'REORDERED']))
  })

  test('cutting the tail, with leaves and checkpoints', async () => {
    const before = (await verify()).treeSize
    await write(50)
    await seal()
    await attack(
      `DELETE FROM audit.patient_phi_audit_log WHERE log_id IN (SELECT log_id FROM audit.seal_leaf WHERE leaf_index >= $1)`,
      [before],
    )
    await attack(
      `DELETE FROM audit.security_event_log WHERE log_id IN (SELECT log_id FROM audit.seal_leaf WHERE leaf_index >= $1)`,
      [before],
    )
    await attack('DELETE FROM audit.seal_leaf WHERE leaf_index >= $1', [before])
    await attack('DELETE FROM audit.checkpoint WHERE tree_size > $1', [before])
    expect(kinds(await verify())).toEqual(['TRUNCATED_OR_ROLLED_BACK'])
    // The sealer does not seal on over it.
    await expect(sealer().step()).rejects.toThrow('the anchor holds a tree of')
  })

  /** Deletes all that was sealed, and seals the logs anew with the same key, as its thief could. */
  const resealAll = async (): Promise<void> => {
    for (const table of ['anchor_receipt', 'checkpoint', 'seal_node', 'seal_leaf', 'seal_incarnation'])
      await attack(`DELETE FROM audit.${table}`)
    await seal(
      new Sealer(
        sealerClient,
        signerOf,
        openFileAnchor(anchorFile(mkdtempSync(path.join(tmpdir(), 'vigil-thief-')))),
      ),
    )
  }

  test('editing, and sealing everything anew with the stolen key', async () => {
    await attack(`UPDATE audit.patient_phi_audit_log SET actor_role = 'clinician' WHERE log_id = ${middle}`)
    await resealAll()
    expect(kinds(await verify())).toEqual(['EQUIVOCATION', 'HISTORY_REWRITTEN'])
    await expect(sealer().step()).rejects.toThrow('differ at')
  })

  test('putting an old backup back, and sealing on past the size that was anchored', async () => {
    await write(50)
    await seal()
    await attack(
      `DELETE FROM audit.patient_phi_audit_log WHERE seq > (SELECT max(seq) - 40 FROM audit.patient_phi_audit_log)`,
    )
    await write(200)
    await resealAll()
    expect(kinds(await verify())).toContain('HISTORY_REWRITTEN')
  })

  test('exchanging the key in the database for one’s own', async () => {
    const own = makeSignerKey('clinic.example/audit/test/1')
    for (const table of ['anchor_receipt', 'checkpoint', 'seal_node', 'seal_leaf', 'seal_incarnation'])
      await attack(`DELETE FROM audit.${table}`)
    await seal(
      new Sealer(
        sealerClient,
        () => own,
        openFileAnchor(anchorFile(mkdtempSync(path.join(tmpdir(), 'vigil-thief-')))),
      ),
    )
    expect(kinds(await verify())).toContain('HISTORY_REWRITTEN')
  })

  test('signing two trees of one size, though one of them was shown only later', async () => {
    const { treeSize } = await verify()
    await write(50)
    await seal()
    const root = Buffer.alloc(32, 7)
    await anchor().keep(signCheckpoint({ origin: key.verifier.name, size: treeSize, root }, key))
    expect(kinds(await verify())).toEqual(['EQUIVOCATION', 'HISTORY_REWRITTEN'])
  })

  test('taking the anchor away', async () => {
    rmSync(anchorFile(home))
    expect(kinds(await verify())).toEqual(['ANCHOR_LOST'])
    // One that only gives no answer is named, and nothing is said of it.
    const away = {
      ...anchor(),
      id: 'witness w',
      all: () => ({
        [Symbol.asyncIterator]: () => ({ next: () => Promise.reject(new AnchorAway('no answer')) }),
      }),
    }
    const verdict = await verify({ kind: 'full' }, [away])
    expect(verdict).toMatchObject({ ok: true, unreached: ['witness w'] })
  })

  test('stopping the sealer', async () => {
    await attack(
      `INSERT INTO audit.security_event_log (event_type, outcome, accessed_at) VALUES ('SIGN_IN_FAILED', 'REFUSED', clock_timestamp() - interval '2 minutes')`,
    )
    await attack(`UPDATE audit.checkpoint SET sealed_at = sealed_at - interval '5 minutes'`)
    expect(kinds(await verify())).toEqual(['SEAL_STALE'])
  })
})

describe('looking at a part', () => {
  const remember = (treeSize: number) =>
    superuser.query(
      `INSERT INTO audit.verification (incarnation, mode, tree_size, ok, findings, started_at) VALUES (1, 'full', $1, true, 0, now())`,
      [treeSize],
    )

  test('since the last verification: what came after it, and nothing before it', async () => {
    await write(200)
    await seal()
    const { treeSize } = await verify()
    await remember(treeSize)
    expect(await verify({ kind: 'since' })).toMatchObject({ ok: true, since: treeSize, checked: 0, treeSize })
    await write(60)
    await seal()
    expect(await verify({ kind: 'since' })).toMatchObject({ ok: true, since: treeSize, checked: 66 })
    const edit = (index: number) =>
      attack(`UPDATE audit.patient_phi_audit_log SET actor_role = 'x' WHERE log_id = (SELECT log_id FROM audit.seal_leaf WHERE leaf_index = $1)`, [index]) // prettier-ignore
    await edit(treeSize + 10)
    expect((await verify({ kind: 'since' })).findings).toMatchObject([
      { kind: 'ROW_EDITED', leafIndex: treeSize + 10 },
    ])
    // From further back more is seen, and what lies before stays unseen.
    await edit(50)
    expect((await verify({ kind: 'since', size: treeSize })).findings).toHaveLength(1)
    expect((await verify({ kind: 'since', size: 1 })).findings).toHaveLength(2)
    expect((await verify()).findings).toHaveLength(2)
  })

  test('since a checkpoint whose state was forged: begins at the beginning, and says so', async () => {
    await write(50)
    await seal()
    const { treeSize } = await verify()
    await remember(treeSize)
    await attack(`UPDATE audit.checkpoint SET compact_range = decode(repeat('00', octet_length(compact_range)), 'hex') WHERE tree_size = $1`, [treeSize]) // prettier-ignore
    const verdict = await verify({ kind: 'since' })
    expect(verdict).toMatchObject({ since: 0, checked: treeSize })
    expect(kinds(verdict)).toEqual(['HISTORY_REWRITTEN'])
  })

  test('a sample: each entry with its proof, and what is wrong with it by name', async () => {
    await write(50)
    await seal()
    const { treeSize } = await verify()
    expect(await verify({ kind: 'sample', count: 20 })).toMatchObject({ ok: true, checked: 20, treeSize })
    const all = { kind: 'sample', count: treeSize } as const
    expect(await verify(all)).toMatchObject({ ok: true, checked: treeSize - 1 })
    await attack(`UPDATE audit.patient_phi_audit_log SET actor_role = 'x' WHERE log_id = (SELECT log_id FROM audit.seal_leaf WHERE leaf_index = 20)`) // prettier-ignore
    await attack(`DELETE FROM audit.patient_phi_audit_log WHERE log_id = (SELECT log_id FROM audit.seal_leaf WHERE leaf_index = 30)`) // prettier-ignore
    await attack(`UPDATE audit.seal_leaf SET leaf_hash = sha256('x') WHERE leaf_index = 40`)
    const found = (await verify(all)).findings
    expect(found).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ kind: 'ROW_EDITED', leafIndex: 20 }),
        expect.objectContaining({ kind: 'ROW_DELETED', leafIndex: 30 }),
        expect.objectContaining({ kind: 'HISTORY_REWRITTEN', leafIndex: 40 }),
      ]),
    )
  })
})

describe('what is due', () => {
  const take = async () => (await sealerClient.query('SELECT mode, cause FROM audit.take_verification()')).rows[0] // prettier-ignore
  const end = async (ok: boolean, mode: string) => {
    await superuser.query(`INSERT INTO audit.verification (incarnation, mode, tree_size, ok, findings, started_at) VALUES (1, $2, 10, $1, 0, now())`, [ok, mode]) // prettier-ignore
    await superuser.query('UPDATE audit.verification_run SET finished_at = now() WHERE finished_at IS NULL')
  }
  const later = (hours: number) =>
    attack(`UPDATE audit.verification SET finished_at = finished_at - make_interval(hours => $1)`, [hours])

  test('all at first, what is new once a day, all once a week, all after a finding; one process each', async () => {
    expect(await take()).toBeUndefined()
    await write(5)
    await seal()
    expect(await take()).toEqual({ mode: 'full', cause: 'first' })
    // Another process finds it taken; when the first falls silent, it is taken over.
    expect(await take()).toBeUndefined()
    await superuser.query(`UPDATE audit.verification_run SET beat_at = beat_at - interval '3 minutes'`)
    expect(await take()).toEqual({ mode: 'full', cause: 'first' })
    await end(true, 'full')
    expect(await take()).toBeUndefined()
    await later(25)
    expect(await take()).toEqual({ mode: 'since', cause: 'nightly' })
    await end(true, 'since')
    await later(24 * 7)
    expect(await take()).toEqual({ mode: 'full', cause: 'weekly' })
    await end(false, 'full')
    await end(true, 'since')
    // A look at a part makes nothing good.
    const { rows } = await superuser.query('SELECT verified_ok FROM audit.seal_status()')
    expect(rows).toEqual([{ verified_ok: false }])
    await later(25)
    expect(await take()).toEqual({ mode: 'full', cause: 'nightly' })
  })
})

test('a half written line of the anchor file spoils no other', async () => {
  await write(5)
  await seal()
  appendFileSync(anchorFile(home), '{"at":"2026-01-01","no')
  await write(5)
  await seal()
  expect(await verify()).toMatchObject({ ok: true })
  expect((await Array.fromAsync(anchor().all())).length).toBeGreaterThanOrEqual(3)
})
