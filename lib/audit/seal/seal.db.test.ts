import { appendFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'

import { canonicalJson } from '#lib/crypto/canonical-json.ts'
import { anchorFile } from '#lib/ops/seal/file-anchor.ts'
import { leafData } from './leaf-data.ts'
import { Sealer } from './sealer.ts'
import { asText, sealedLogs, textSettings } from './sealed-log.ts'
import {
  anchor,
  attack,
  connect,
  database,
  home,
  kinds,
  seal,
  sealer,
  sealerClient,
  signerOf,
  superuser,
  trailPerTest,
  verify,
  write,
} from '#lib/testing/sealed-trail.ts'

trailPerTest()

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

  test('an entry with tabs, line ends and backslashes in its words is sealed as it stands', async () => {
    await superuser.query(
      `INSERT INTO audit.patient_phi_audit_log (request_id, patient_id, action_type, view, changed_fields, outcome, reason, purpose, relation)
       VALUES (gen_random_uuid(), gen_random_uuid(), 'READ', $1, jsonb_build_object($1::text, $1::text), 'DENIED', $1, '', $2)`,
      ['a\tb\\\n\\N\r"\b\u0001ä🩺', '\\N'],
    )
    await write(3)
    await seal()
    // Verification reads the logs in another way than sealing does.
    expect(await verify()).toMatchObject({ ok: true, findings: [] })
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
  }, 240_000)

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
    // Nor can leaves be put into a tree that was never begun.
    const insert = (from: number, incarnations: string) =>
      sealerClient.query(`INSERT INTO audit.seal_leaf (incarnation, leaf_index, log, log_id, seq, format, leaf_hash)
        SELECT i, ${from} + n, 'P', gen_random_uuid(), 1, 1, sha256('x') FROM unnest(ARRAY[${incarnations}]) WITH ORDINALITY AS u (i, n)`)
    await sealerClient.query('BEGIN')
    await insert(1000, '1, 1, 1')
    await expect(insert(2000, '1, 2, 1')).rejects.toMatchObject({ code: '23503' })
    await sealerClient.query('ROLLBACK')
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
