import { execFile } from 'node:child_process'
import { copyFileSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { promisify } from 'node:util'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { makeEvidence } from '#lib/audit/seal/evidence.ts'
import { Sealer } from '#lib/audit/seal/sealer.ts'
import { verifyTrail } from '#lib/audit/seal/verify-trail.ts'
import { env } from '#lib/env.ts'
import { formatVerifierKey } from '#lib/merkle/note-key.ts'
import { findArchivedMonths } from '#lib/oversight/retention/find-archived-months.ts'
import { anchorFile, openFileAnchor } from '#lib/ops/seal/file-anchor.ts'
import { makeMissingSealKey, readSealKey, readVerifierKey } from '#lib/ops/seal/seal-key.ts'
import { sealAll } from '#lib/testing/seal-all.ts'
import { plantTrailMonth } from '#lib/testing/plant-trail-month.ts'
import { makeSignInCast, type SignInCast } from '#lib/testing/sign-in-cast.ts'
import { testDatabase } from '#lib/testing/test-database.ts'
import { verifyEvidence } from '#lib/verifier/verify.mjs'
import { archiveFolder, archiveSource, readArchiveFile } from './archive-file.ts'
import { archiveMonth } from './archive-month.ts'
import { dropMonth } from './drop-month.ts'
import { restoreMonth } from './restore-month.ts'

// What would be lost if these failed: entries could leave the trail before their time, by one person's word, or into a file that
// proves nothing; or the trail could never be made smaller without looking like a crime.

let cast: SignInCast
let sealer: pg.Client
let reader: pg.Client
let run: Sealer
let oldProof: string
const run1 = promisify(execFile)

const anchor = () => openFileAnchor(anchorFile(env.home))
const verify = (mode: Parameters<typeof verifyTrail>[3] = {}) =>
  verifyTrail(reader, readVerifierKey(env.home, 1), [anchor()], {
    archives: archiveSource(env.home),
    ...mode,
  })
const kinds = async (): Promise<string[]> =>
  [...new Set((await verify()).findings.map(({ kind }) => kind))].toSorted()
const seal = () => sealAll(run, cast.sql.superuser)
/** Evidence of an entry of 2012-03, which left; checked as an outsider would. */
const proveFirst = async (source: ReturnType<typeof archiveSource> | undefined) => {
  const [entry] = (JSON.parse(oldProof) as { entries: { data: string }[] }).entries
  const { log_id: id } = JSON.parse(entry?.data ?? '') as { log_id: string }
  const verifier = readVerifierKey(env.home, 1)
  const made = await makeEvidence(reader, verifier, [id], new Date(), source)
  const proven = made?.bundle.entries.length ?? 0
  if (proven > 0)
    expect(verifyEvidence(JSON.stringify(made?.bundle), formatVerifierKey(verifier)).entries).toBe(proven)
  return made
}

const ask = async (who: 'admin' | 'compliance' | 'nurse', month: string) =>
  (
    await cast.sql.app.query<{ request_id: string | null; refusal: string | null }>(
      `SELECT * FROM audit.retention_ask($1, 'archive', NULL, $2::date, NULL)`,
      [cast.people[who].token, `${month}-01`],
    )
  ).rows[0]
const confirm = async (who: 'admin' | 'compliance', request: string | null | undefined) =>
  (
    await cast.sql.app.query<{ refusal: string | null }>(
      `SELECT refusal FROM audit.retention_confirm($1, 'archive', $2, NULL)`,
      [cast.people[who].token, request],
    )
  ).rows[0]?.refusal
const archived = async (month: string) =>
  (
    await cast.sql.superuser.query<{ archive_id: string; state: string; file_name: string }>(
      'SELECT * FROM audit.trail_archive WHERE month = $1::date ORDER BY detached_at DESC LIMIT 1',
      [`${month}-01`],
    )
  ).rows[0]
const agree = async (month: string): Promise<string> => {
  const asked = await ask('admin', month)
  expect(await confirm('compliance', asked?.request_id)).toBeNull()
  return asked?.request_id ?? ''
}
const attack = async (sql: string): Promise<void> => {
  await cast.sql.superuser.query('SET session_replication_role = replica')
  await cast.sql.superuser.query(sql)
  await cast.sql.superuser.query('SET session_replication_role = origin')
}

beforeAll(async () => {
  cast = await makeSignInCast()
  const { urls } = await testDatabase()
  ;[sealer, reader] = [
    new pg.Client({ connectionString: urls.sealer }),
    new pg.Client({ connectionString: urls.sealer }),
  ]
  await sealer.connect()
  await reader.connect()
  makeMissingSealKey(env.home, 'https://clinic.example')
  run = new Sealer(sealer, (incarnation) => readSealKey(env.home, incarnation), anchor())
  for (const month of ['2012-03', '2012-04', '2012-05'])
    await plantTrailMonth(cast.sql.superuser, cast.maria, month, 50)
  await seal()
  const { rows } = await cast.sql.superuser.query<{ log_id: string }>(
    'SELECT log_id FROM audit.patient_phi_audit_log_201203 LIMIT 3',
  )
  const evidence = await makeEvidence(reader, readVerifierKey(env.home, 1), rows.map(({ log_id: id }) => id), new Date()) // prettier-ignore
  oldProof = JSON.stringify(evidence?.bundle)
})
afterAll(async () => {
  await sealer.end()
  await reader.end()
  await cast.close()
})

describe('two persons', () => {
  test('agree on a month: neither alone, nor anybody else, nor on one that is too young or not the oldest', async () => {
    expect((await ask('nurse', '2012-03'))?.refusal).toBe('not-allowed')
    expect((await ask('admin', '2012-04'))?.refusal).toBe('not-the-oldest')
    expect((await ask('admin', '1999-01'))?.refusal).toBe('no-such-month')
    expect((await ask('admin', new Date().toISOString().slice(0, 7)))?.refusal).toBe('too-young')
    const asked = await ask('admin', '2012-03')
    expect(await confirm('admin', asked?.request_id)).toBe('same-person')
    await expect(archiveMonth(reader, env.home, asked?.request_id ?? '', '2012-03-01')).rejects.toThrow(
      /Nobody has confirmed/,
    )
    const { rows } = await cast.sql.superuser.query<{ reason: string }>(
      `SELECT detail ->> 'reason' AS reason FROM audit.security_event_log WHERE event_type = 'RETENTION_REFUSED' ORDER BY seq`,
    )
    expect(rows.map(({ reason }) => reason)).toEqual([
      'not-allowed', 'not-the-oldest', 'no-such-month', 'too-young', 'same-person', 'not-confirmed',
    ]) // prettier-ignore
  })

  test('agree on the years, six at least, whatever asks', async () => {
    const set = (years: number) =>
      cast.sql.app.query<{ request_id: string; refusal: string | null }>(
        `SELECT * FROM audit.retention_ask($1, 'policy', $2, NULL, NULL)`,
        [cast.people.compliance.token, years],
      )
    expect((await set(5)).rows[0]?.refusal).toBe('too-few-years')
    await expect(
      cast.sql.superuser.query('INSERT INTO audit.retention_policy (years) VALUES (5)'),
    ).rejects.toMatchObject({ code: '23514' })
    const asked = (await set(11)).rows[0]
    await cast.sql.app.query(`SELECT * FROM audit.retention_confirm($1, 'policy', $2, NULL)`, [
      cast.people.admin.token,
      asked?.request_id,
    ])
    const { rows } = await cast.sql.app.query<{ years: number }>('SELECT audit.retention_years() AS years')
    expect(rows).toEqual([{ years: 11 }])
  })

  test('cannot let a month leave while a record is held of which it has entries', async () => {
    const placed = await cast.sql.app.query<{ hold_id: string }>(`SELECT * FROM audit.hold_place($1, $2, 'a court asked for it', NULL)`, [
      cast.people.compliance.token, cast.maria,
    ]) // prettier-ignore
    expect((await ask('admin', '2012-03'))?.refusal).toBe('legal-hold')
    await cast.sql.app.query(`SELECT audit.hold_release($1, $2, 'the court is done with it', NULL)`, [
      cast.people.compliance.token, placed.rows[0]?.hold_id,
    ]) // prettier-ignore
  })
})

describe('an archive', () => {
  test('of what was changed is never finished, and nothing leaves', async () => {
    const request = await agree('2012-03')
    await attack(
      `UPDATE audit.patient_phi_audit_log_201203 SET client_ip = '10.6.6.6' WHERE seq = (SELECT min(seq) FROM audit.patient_phi_audit_log_201203)`,
    )
    await expect(archiveMonth(reader, env.home, request, '2012-03-01')).rejects.toThrow(
      /is not what was sealed/,
    )
    await attack(
      `UPDATE audit.patient_phi_audit_log_201203 SET client_ip = '10.0.0.1' WHERE client_ip = '10.6.6.6'`,
    )
    await attack(
      `CREATE TABLE kept AS SELECT * FROM audit.security_event_log_201203 LIMIT 1; DELETE FROM audit.security_event_log_201203 WHERE log_id IN (SELECT log_id FROM kept)`,
    )
    await expect(archiveMonth(reader, env.home, request, '2012-03-01')).rejects.toThrow(/not the same number/)
    await attack(`INSERT INTO audit.security_event_log_201203 SELECT * FROM kept; DROP TABLE kept`)
    expect(await archived('2012-03')).toBeUndefined()
    expect(await kinds()).toEqual([])
  })

  test('is demanded by the database: without what was sealed a confirmed month stays', async () => {
    const request = await agree('2012-03')
    const { rows } = await cast.sql.worker.query<{ token: string }>(
      `SELECT app.service_session_open('people') AS token`,
    )
    const size = await cast.sql.superuser.query<{ n: string }>(
      'SELECT max(tree_size)::text AS n FROM audit.anchor_receipt',
    )
    const claim = { incarnation: 1, first_leaf: 0, end_leaf: 100000, tree_size: Number(size.rows[0]?.n), file: 'made-up.sealed', sha256: '00'.repeat(32), digest: '11'.repeat(32) } // prettier-ignore
    const detach = (token: string | undefined, found: object) =>
      cast.sql.worker.query<{ refusal: string }>('SELECT audit.archive_detach($1, $2, $3) AS refusal', [
        token,
        request,
        JSON.stringify(found),
      ])
    expect((await detach(rows[0]?.token, claim)).rows[0]?.refusal).toBe('not-what-was-sealed')
    // a size that the tree never had: any smaller one may have been handed to the anchor
    const neverHad = { ...claim, tree_size: 1_000_000_000 }
    expect((await detach(rows[0]?.token, neverHad)).rows[0]?.refusal).toBe('not-anchored')
    await expect(detach(cast.people.admin.token, claim)).rejects.toMatchObject({ code: '42501' })
    await expect(cast.sql.app.query(`SELECT audit.detach_month('2012-03-01')`)).rejects.toMatchObject({
      code: '42501',
    })
    await expect(cast.sql.worker.query(`SELECT audit.detach_month('2012-03-01')`)).rejects.toMatchObject({
      code: '42501',
    })
    await cast.sql.superuser.query(
      `UPDATE audit.retention_request SET state = 'done', done_at = now() WHERE state = 'confirmed'`,
    )
  })

  test('lets a month leave; the trail verifies as before, and old proofs hold', async () => {
    const before = await verify()
    expect(before.findings).toEqual([])
    const done = await archiveMonth(reader, env.home, await agree('2012-03'), '2012-03-01')
    expect(done).toMatchObject({ month: '2012-03', entries: 60 })
    const left = await cast.sql.superuser.query(
      `SELECT FROM audit.patient_phi_audit_log WHERE accessed_at < '2012-04-01'`,
    )
    expect(left.rowCount).toBe(0)
    // a search of that time is told that it was not searched
    const officer = { ...cast.people.compliance, sessionToken: cast.people.compliance.token } as never
    expect(await findArchivedMonths(officer, '2012-02-20T00:00:00Z', '2012-04-01T00:00:00Z')).toEqual([
      '2012-03',
    ])
    expect(await findArchivedMonths(officer, '2012-04-01T00:00:00Z', '2012-05-01T00:00:00Z')).toEqual([])
    await seal()
    const full = await verify()
    expect(full.findings).toEqual([])
    expect(full.checked).toBeGreaterThan(before.checked)
    expect((await verify({ mode: { kind: 'sample', count: 60 } })).findings).toEqual([])
    expect((await verify({ mode: { kind: 'since' } })).findings).toEqual([])
    expect(verifyEvidence(oldProof, formatVerifierKey(readVerifierKey(env.home, 1))).entries).toBe(3)
    // one of its entries is proven anew, from the file; without the file it is said where it is
    expect(await proveFirst(archiveSource(env.home))).toMatchObject({ changed: [], outOfReach: [] })
    expect(await proveFirst(undefined)).toMatchObject({
      bundle: { entries: [] },
      changed: [],
      outOfReach: [{ month: '2012-03', fileName: done.file }],
    })
    // the manifest stands in the tree
    const { rows } = await cast.sql.superuser.query<{ detail: Record<string, unknown> }>(
      `SELECT e.detail FROM audit.security_event_log e JOIN audit.seal_leaf f USING (log_id) WHERE e.event_type = 'AUDIT_MONTH_ARCHIVED'`,
    )
    expect(rows[0]?.detail).toMatchObject({
      month: '2012-03',
      sha256: done.sha256,
      file: done.file,
      patientRows: 50,
      securityRows: 10,
    })
  })

  test('is checked by an outsider, opened, with one file and the public key', async () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'vigil-archive-'))
    const [file, key] = [path.join(folder, 'month.ndjson'), path.join(folder, 'key.txt')]
    const lines = await Array.fromAsync(
      readArchiveFile(env.home, (await archived('2012-03'))?.file_name ?? ''),
    )
    writeFileSync(key, formatVerifierKey(readVerifierKey(env.home, 1)))
    const check = async (text: string): Promise<string> => {
      writeFileSync(file, text)
      return run1(process.execPath, ['lib/verifier/verify.mjs', file, key]).then(({ stdout }) => stdout, (error: { stderr: string }) => error.stderr) // prettier-ignore
    }
    expect(await check(lines.join('\n'))).toMatch(/^OK: 60 entries are in the tree/)
    // control: edited, one left out, one twice, cut short
    expect(await check(lines.join('\n').replace('10.0.0.1', '10.0.0.2'))).toMatch(/^NOT PROVEN/)
    expect(await check(lines.toSpliced(5, 1).join('\n'))).toMatch(/^NOT PROVEN/)
    expect(await check(lines.toSpliced(5, 0, lines[5] ?? '').join('\n'))).toMatch(/^NOT PROVEN/)
    expect(await check(lines.slice(0, -1).join('\n'))).toMatch(/^NOT PROVEN/)
    // nothing of it lies in the clear
    const sealed = readFileSync(
      path.join(archiveFolder(env.home), (await archived('2012-03'))?.file_name ?? ''),
    )
    expect(sealed.includes('vigil-archive-1')).toBe(false)
  })

  test('that is gone, altered, or another one’s is a finding, and so are its entries', async () => {
    const file = path.join(archiveFolder(env.home), (await archived('2012-03'))?.file_name ?? '')
    renameSync(file, `${file}.away`)
    expect(await kinds()).toEqual(['ARCHIVE_MISSING', 'ROW_DELETED'])
    expect((await proveFirst(archiveSource(env.home)))?.outOfReach).toHaveLength(1)
    copyFileSync(`${file}.away`, file)
    const bytes = readFileSync(file)
    bytes[bytes.length - 40] = (bytes[bytes.length - 40] ?? 0) ^ 1
    writeFileSync(file, bytes)
    expect(await kinds()).toContain('ARCHIVE_MISSING')
    rmSync(file)
    renameSync(`${file}.away`, file)
    expect(await kinds()).toEqual([])
  })

  test('that somebody who owns the server only claims to have made does not hide what they deleted', async () => {
    await attack(`CREATE TABLE kept AS SELECT * FROM audit.patient_phi_audit_log_201204; DELETE FROM audit.patient_phi_audit_log_201204;
      INSERT INTO audit.trail_archive (request_id, month, incarnation, first_leaf, end_leaf, tree_size, patient_rows, security_rows, file_name, file_sha256, content_digest, detached_at, changed_at)
      SELECT (SELECT request_id FROM audit.retention_request WHERE state = 'requested' LIMIT 1), '2012-04-01', 1, 1, 5000, 5000, 50, 0, 'claimed-archive', sha256(''), sha256(''), now(), now()`)
    expect(await kinds()).toEqual(['ARCHIVE_MISSING', 'ROW_DELETED'])
    await attack(
      `INSERT INTO audit.patient_phi_audit_log_201204 SELECT * FROM kept; DROP TABLE kept; DELETE FROM audit.trail_archive WHERE file_name = 'claimed-archive'`,
    )
    expect(await kinds()).toEqual([])
  })
})

describe('what left', () => {
  const restoreAsk = async (month: string) =>
    (
      await cast.sql.app.query<{ archive_id: string; refusal: string | null }>('SELECT * FROM audit.archive_return_ask($1, $2::date, NULL)', [
        cast.people.compliance.token, `${month}-01`,
      ])
    ).rows[0] // prettier-ignore

  test('comes back entry by entry as it was sealed, and nothing else comes in that way', async () => {
    const archive = await archived('2012-03')
    const asked = await restoreAsk('2012-03')
    expect(asked).toMatchObject({ archive_id: archive?.archive_id, refusal: null })
    const { rows } = await cast.sql.worker.query<{ token: string }>(
      `SELECT app.service_session_open('people') AS token`,
    )
    const forged = [{ index: 5, data: '{"log":"patient_phi_audit_log"}' }]
    await expect(
      cast.sql.worker.query('SELECT audit.archive_return_rows($1, $2, $3)', [
        rows[0]?.token,
        archive?.archive_id,
        JSON.stringify(forged),
      ]),
    ).rejects.toMatchObject({ code: '23514' })
    await expect(
      cast.sql.worker.query('SELECT audit.archive_return_end($1, $2)', [rows[0]?.token, archive?.archive_id]),
    ).rejects.toMatchObject({ code: '23514' })
    const count = await restoreMonth(env.home, {
      archiveId: archive?.archive_id ?? '',
      fileName: archive?.file_name ?? '',
      incarnation: 1,
    })
    expect(count).toBe(60)
    const back = await cast.sql.superuser.query(
      `SELECT FROM audit.patient_phi_audit_log WHERE accessed_at < '2012-04-01'`,
    )
    expect(back.rowCount).toBe(50)
    await seal()
    expect(await kinds()).toEqual([])
    await expect(
      cast.sql.superuser.query(`TRUNCATE audit.patient_phi_audit_log_201203`),
    ).rejects.toMatchObject({ code: '42501' })
    await expect(
      cast.sql.superuser.query(`DELETE FROM audit.patient_phi_audit_log WHERE accessed_at < '2012-04-01'`),
    ).rejects.toMatchObject({ code: '42501' })
    expect((await restoreAsk('2012-03'))?.refusal).toBe('no-such-archive')
  })

  test('leaves again, with the month after it, and the tables go after 30 days, not before', async () => {
    for (const month of ['2012-03', '2012-04'])
      await archiveMonth(reader, env.home, await agree(month), `${month}-01`)
    await seal()
    expect(await kinds()).toEqual([])
    await expect(dropMonth(env.home, '2012-03-01')).rejects.toThrow(/30 days/)
    await cast.advanceClock(31 * 24 * 3600)
    await dropMonth(env.home, '2012-03-01')
    await expect(dropMonth(env.home, '2012-03-01')).rejects.toThrow(/set aside/)
    const { rows } = await cast.sql.superuser.query<{ name: string }>(
      `SELECT relname AS name FROM pg_class WHERE relname LIKE 'aside_%\\_2012%' AND relkind = 'r' ORDER BY 1`,
    )
    expect(rows.map(({ name }) => name)).toEqual([
      'aside_patient_phi_audit_log_201204',
      'aside_security_event_log_201204',
    ])
    await seal()
    expect(await kinds()).toEqual([])
    expect(verifyEvidence(oldProof, formatVerifierKey(readVerifierKey(env.home, 1))).entries).toBe(3)
  })
})
