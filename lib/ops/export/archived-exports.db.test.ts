import { randomUUID } from 'node:crypto'
import { copyFileSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { buffer } from 'node:stream/consumers'
import type { Client } from 'pg'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { openTexts, sealText } from '#lib/accounts/sealed-text.ts'
import { askExport, type AskedExport, type ExportFormat } from '#lib/audit/export/ask-export.ts'
import { openDownload } from '#lib/audit/export/open-download.ts'
import { readExportFile } from '#lib/audit/export/read-export-file.ts'
import { Sealer } from '#lib/audit/seal/sealer.ts'
import { openClient } from '#lib/db/open-client.ts'
import { env } from '#lib/env.ts'
import { leafHash } from '#lib/merkle/tree-hash.ts'
import { formatVerifierKey } from '#lib/merkle/note-key.ts'
import { archiveFolder, readArchiveFile, writeArchiveFile } from '#lib/ops/retention/archive-file.ts'
import { archiveMonth } from '#lib/ops/retention/archive-month.ts'
import { anchorFile, openFileAnchor } from '#lib/ops/seal/file-anchor.ts'
import { makeMissingSealKey, readSealKey, readVerifierKey } from '#lib/ops/seal/seal-key.ts'
import { exportFailure } from '#lib/oversight/export/words.ts'
import { plantTrailMonth } from '#lib/testing/plant-trail-month.ts'
import { readPdf } from '#lib/testing/read-pdf.ts'
import { makeRecordCast, type RecordCast } from '#lib/testing/record-cast.ts'
import { sealAll } from '#lib/testing/seal-all.ts'
import { testDatabase } from '#lib/testing/test-database.ts'
import { verifyEvidence } from '#lib/verifier/verify.mjs'
import { makeExport } from './make-export.ts'
import { sweepExports } from './sweep-exports.ts'
import { takeExport } from './take-export.ts'

// What would be lost if these failed: an export over a month that left the logs would lack entries and say nothing, or hand out what
// somebody wrote into a file.

let records: RecordCast
let worker: Client
let sealerClient: Client
let sealer: Sealer
const place = { home: env.home, host: 'vigil.example' }
const period = { from: '2012-03-01T00:00:00Z', to: '2012-06-01T00:00:00Z' }
const formats: ExportFormat[] = ['ndjson', 'csv', 'fhir', 'pdf', 'evidence']
const before = new Map<ExportFormat, string>()

beforeAll(async () => {
  records = await makeRecordCast()
  const { urls } = await testDatabase()
  worker = await openClient(urls.worker)
  sealerClient = await openClient(urls.sealer)
  makeMissingSealKey(env.home, 'https://clinic.example')
  sealer = new Sealer(
    sealerClient,
    (incarnation) => readSealKey(env.home, incarnation),
    openFileAnchor(anchorFile(env.home)),
  )
  const { superuser } = records.cast.sql
  for (const month of ['2012-03', '2012-04', '2012-05'])
    await plantTrailMonth(superuser, records.cast.maria, month, 40)
  // Others' entries, and some that were written after later ones: a file is in the order of writing, an export in that of time.
  await records.raw(
    `INSERT INTO audit.patient_phi_audit_log (accessed_at, actor_user_id, actor_role, db_role, request_id, patient_id, action_type, view, changed_fields, outcome, purpose)
     SELECT '2012-03-20 12:00+00'::timestamptz - n * interval '5 hours', $3, 'nurse', 'phi_nurse', gen_random_uuid(), CASE n % 2 WHEN 0 THEN $1::uuid ELSE $2::uuid END,
            'READ', 'chart', '{"Patient": ["mrn"]}', 'ALLOWED', 'TREAT' FROM generate_series(1, 60) n`,
    [records.cast.maria, records.cast.otto, records.actors.nurse.accountId],
  )
  await sealAll(sealer, superuser)
  for (const format of formats) before.set(format, await exported(format))
  for (const month of ['2012-03', '2012-04']) await archive(month)
  await sealAll(sealer, superuser)
})
afterAll(async () => {
  await worker.end()
  await sealerClient.end()
  await records.close()
})

async function archive(month: string): Promise<void> {
  const [asked] = await records.raw<{ request_id: string }>(
    `SELECT request_id FROM audit.retention_ask($1, 'archive', NULL, $2::date, NULL)`,
    [records.actors.admin.sessionToken, `${month}-01`],
  )
  await records.raw(`SELECT audit.retention_confirm($1, 'archive', $2, NULL)`, [
    records.actors.compliance.sessionToken,
    asked?.request_id,
  ])
  await archiveMonth(sealerClient, env.home, asked?.request_id ?? '', `${month}-01`)
}

const ask = async (
  format: ExportFormat,
  criteria: object = {},
): Promise<AskedExport & { exportId: string }> => {
  const officer = records.actorOf(await records.cast.signIn('compliance', 'Carla Nwosu'))
  const [exportId, reasonId] = [randomUUID(), randomUUID()]
  const asked = await askExport(officer, {
    exportId,
    format,
    byteOrderMark: false,
    criteria: { ...period, patients: [records.cast.maria], ...criteria },
    reasonId,
    reasonSealed: await sealText(reasonId, 'For the test of archived months'),
  })
  made.set(exportId, officer)
  return { ...asked, exportId }
}
const made = new Map<string, RecordCast['actors']['compliance']>()
const make = async (exportId: string): Promise<string> => {
  const taken = await takeExport(worker, exportId)
  return taken ? makeExport(worker, taken, place) : 'not taken'
}

/** The content of an export, with its number taken out, so that two can be held against each other. */
async function exported(format: ExportFormat, criteria: object = {}): Promise<string> {
  const { exportId, refusal } = await ask(format, criteria)
  expect(refusal).toBeNull()
  expect(await make(exportId)).toBe('ready')
  const officer = made.get(exportId)
  const open = officer && (await openDownload(officer, exportId))
  if (!open || open.refusal !== null) throw new Error('it cannot be downloaded')
  const key = (await openTexts([open.key])).get(open.key.id) ?? ''
  const content = await buffer(readExportFile(env.home, exportId, open.attempt, key))
  if (format === 'pdf') return readPdf(content).text.replaceAll(exportId, '')
  return content
    .toString('utf8')
    .replaceAll(exportId, '')
    .replace(/"timestamp":"[^"]+"/, '')
}
const ending = async (exportId: string): Promise<string> =>
  (
    await records.raw<{ ending: string }>(
      `SELECT concat_ws(' ', state, failure) AS ending FROM audit.trail_export WHERE export_id = $1`,
      [exportId],
    )
  )[0]?.ending ?? ''
const besides = async (): Promise<number> =>
  (await records.raw('SELECT FROM audit.export_archived_entry')).length

describe('an export over archived months', () => {
  test.each(['ndjson', 'csv', 'fhir'] as const)('holds in %s what it held before they left', async (format) => {
    const text = await exported(format)
    expect(text).toBe(before.get(format))
    expect(text.length).toBeGreaterThan(10_000)
    expect(await besides()).toBe(0)
  }) // prettier-ignore

  test('is a PDF of as many entries, and evidence that proves every one of them', async () => {
    const [left, right] = [before.get('pdf') ?? '', await exported('pdf')]
    expect(left).toContain('150 entries.')
    expect(right).toContain('150 entries.')
    const key = formatVerifierKey(readVerifierKey(env.home, 1))
    expect(verifyEvidence(before.get('evidence') ?? '', key).entries).toBe(150)
    expect(verifyEvidence(await exported('evidence'), key).entries).toBe(150)
  })

  test('answers what was asked for, part of a month too', async () => {
    const lines = async (criteria: object) => (await exported('ndjson', criteria)).split('\n').length - 1
    expect(await lines({ actor: records.actors.nurse.accountId })).toBe(30)
    expect(await lines({ actor: `-${records.actors.nurse.accountId}`, to: '2012-04-01T00:00:00Z' })).toBe(40)
    expect(await lines({ patients: undefined, view: 'chart', to: '2012-04-01T00:00:00Z' })).toBe(60)
    expect(await lines({ from: '2012-03-10T00:00:00Z', to: '2012-03-15T00:00:00Z' })).toBe(12)
    // only an upper bound is known before: an export may turn out to be empty
    const nobody = await ask('ndjson', { patients: [randomUUID()] })
    expect(nobody).toMatchObject({ refusal: null, rows: 140 })
    expect(await make(nobody.exportId)).toBe('ready')
  })

  test('says which months, to who agrees and in the log', async () => {
    const { exportId } = await ask('ndjson')
    const [stored] = await records.raw<{ archived: unknown; logged: unknown }>(
      `SELECT t.criteria -> 'archived' AS archived, e.detail -> 'criteria' -> 'archived' AS logged FROM audit.trail_export t
         JOIN audit.security_event_log e ON e.event_type = 'TRAIL_EXPORT_REQUESTED' AND e.detail ->> 'export' = t.export_id::text WHERE t.export_id = $1`,
      [exportId],
    )
    expect(stored).toEqual({ archived: ['2012-03', '2012-04'], logged: ['2012-03', '2012-04'] })
    expect(await make(exportId)).toBe('ready')
  })
})

describe('an archive', () => {
  const fileOf = async (month: string) =>
    (
      await records.raw<{ file_name: string }>(
        'SELECT file_name FROM audit.trail_archive WHERE month = $1::date',
        [`${month}-01`],
      )
    )[0]?.file_name ?? ''
  const failing = async (): Promise<string> => {
    const { exportId } = await ask('csv')
    expect(await make(exportId)).toBe('failed')
    expect(await besides()).toBe(0)
    const [event] = await records.raw(
      `SELECT FROM audit.security_event_log WHERE event_type = 'TRAIL_EXPORT_FAILED' AND detail ->> 'export' = $1`,
      [exportId],
    )
    expect(event).toBeDefined()
    return ending(exportId)
  }

  test('that is gone, or whose key is, or that was altered, ends the export with a sentence', async () => {
    const file = path.join(archiveFolder(env.home), await fileOf('2012-04'))
    const keyFile = path.join(env.home, 'seal', 'archive.key')
    for (const name of [file, keyFile]) {
      renameSync(name, `${name}.away`)
      expect(await failing()).toBe('FAILED archive-missing')
      renameSync(`${name}.away`, name)
    }
    copyFileSync(file, `${file}.kept`)
    const bytes = readFileSync(file)
    bytes[bytes.length - 40] = (bytes[bytes.length - 40] ?? 0) ^ 1
    writeFileSync(file, bytes)
    expect(await failing()).toBe('FAILED archive-altered')
    rmSync(file)
    copyFileSync(path.join(archiveFolder(env.home), await fileOf('2012-03')), file)
    expect(await failing()).toBe('FAILED archive-altered')
    renameSync(`${file}.kept`, file)
    for (const fault of ['archive-missing', 'archive-altered'])
      expect(exportFailure(fault)).toContain('the archive of one of its months')
    expect(await exported('ndjson')).toBe(before.get('ndjson'))
  })

  test('that somebody with its key wrote anew, an entry changed, hidden or left out, ends it too', async () => {
    const name = await fileOf('2012-03')
    const file = path.join(archiveFolder(env.home), name)
    const lines = await Array.fromAsync(readArchiveFile(env.home, name))
    const at = lines.findIndex((line) => line.includes(records.cast.maria))
    const { data } = JSON.parse(lines[at] ?? '') as { data: string }
    copyFileSync(file, `${file}.kept`)
    const wrong = {
      changed: JSON.stringify({ data: data.replace('10.0.0.1', '10.0.0.2') }),
      hidden: JSON.stringify({ hash: leafHash(data).toString('base64') }),
    }
    const written = async (all: string[]) => {
      rmSync(file)
      await writeArchiveFile(
        env.home,
        name,
        (async function* () {
          for (const line of all) yield `${line}\n`
        })(),
      )
    }
    for (const line of Object.values(wrong)) {
      await written(lines.with(at, line))
      expect(await failing()).toBe('FAILED archive-altered')
    }
    await written(lines.toSpliced(at, 1))
    expect(await failing()).toBe('FAILED archive-altered')
    // control: written anew as it was it serves
    await written(lines)
    expect(await exported('ndjson')).toBe(before.get('ndjson'))
    renameSync(`${file}.kept`, file)
  })

  test('gives the database nothing but what was sealed, for the attempt that is under way', async () => {
    const { exportId } = await ask('ndjson')
    const [{ archive_id: archiveId } = { archive_id: '' }] = await records.raw<{ archive_id: string }>(
      `SELECT archive_id FROM audit.trail_archive WHERE month = '2012-03-01'`,
    )
    const put = (attempt: number, rows: object[]) =>
      worker.query<{ added: number | null }>('SELECT audit.export_put_archived($1, $2, $3, $4) AS added', [
        exportId, attempt, archiveId, JSON.stringify(rows),
      ]) // prettier-ignore
    const lines = await Array.fromAsync(readArchiveFile(env.home, await fileOf('2012-03')))
    const { from } = JSON.parse(lines[0] ?? '') as { from: number }
    const at = lines.findIndex((line) => line.includes(records.cast.maria))
    const { data } = JSON.parse(lines[at] ?? '') as { data: string }
    const index = from + at - 1
    expect((await put(1, [{ index, data }])).rows).toEqual([{ added: null }])
    const taken = await takeExport(worker, exportId)
    await expect(put(1, [{ index, data: data.replace('nurse', 'admin') }])).rejects.toMatchObject({ code: '23514' }) // prettier-ignore
    await expect(put(1, [{ index: index + 1, data }])).rejects.toMatchObject({ code: '23514' })
    await expect(records.cast.sql.app.query('SELECT audit.export_archives($1, 1)', [exportId])).rejects.toMatchObject({ code: '42501' }) // prettier-ignore
    expect((await put(1, [{ index, data }])).rows).toEqual([{ added: 1 }])
    expect((await put(2, [{ index, data }])).rows).toEqual([{ added: null }])
    // What a killed attempt left is not the next one's, and goes.
    await records.raw(`UPDATE audit.trail_export SET lease_until = app.now() - interval '1 second' WHERE export_id = $1`, [exportId]) // prettier-ignore
    expect((await takeExport(worker, exportId))?.attempt).toBe((taken?.attempt ?? 0) + 1)
    expect(await besides()).toBe(1)
    await sweepExports(worker, env.home)
    expect(await besides()).toBe(0)
  })
})

test('an export under which a month leaves or comes back begins anew', async () => {
  // evidence waits for an entry that is not sealed yet: meanwhile the month comes back
  await records.raw(
    `INSERT INTO audit.patient_phi_audit_log (accessed_at, actor_user_id, actor_role, db_role, request_id, patient_id, action_type, view, changed_fields, outcome, purpose)
     VALUES ('2012-05-20 12:00+00', gen_random_uuid(), 'nurse', 'phi_nurse', gen_random_uuid(), $1, 'READ', 'chart', '{"Patient": ["mrn"]}', 'ALLOWED', 'TREAT')`,
    [records.cast.maria],
  )
  const setAside = async (from: string, to: string) => {
    await records.raw('SET session_replication_role = replica')
    await records.raw(`UPDATE audit.trail_archive SET state = $2 WHERE month = '2012-03-01' AND state = $1`, [from, to]) // prettier-ignore
    await records.raw('SET session_replication_role = origin')
  }
  const { exportId } = await ask('evidence')
  const making = make(exportId).catch((error: unknown) => error)
  const isWaiting = async () =>
    (await records.raw('SELECT FROM audit.trail_export WHERE export_id = $1 AND rows_done > 0', [exportId]))
      .length === 1
  await expect.poll(isWaiting, { timeout: 60_000 }).toBe(true)
  await setAside('detached', 'restored')
  await sealAll(sealer, records.cast.sql.superuser)
  expect(await making).toMatchObject({ name: 'ArchivesChanged' })
  expect(await ending(exportId)).toBe('RUNNING')
  await setAside('restored', 'detached')
  await records.raw(`UPDATE audit.trail_export SET lease_until = app.now() - interval '1 second' WHERE export_id = $1`, [exportId]) // prettier-ignore
  expect(await make(exportId)).toBe('ready')
}, 120_000)

describe('the asking', () => {
  test('counts what was sealed of archived months: over 100,000 a second officer agrees', async () => {
    // entries of a month nobody has the file of: what counts is that somebody else has to agree
    await records.raw(
      `INSERT INTO audit.seal_leaf (incarnation, leaf_index, log, log_id, accessed_at, tx_id, seq, format, leaf_hash)
       SELECT 1, 10000000 + n, 'P', gen_random_uuid(), '2011-03-02 00:00+00'::timestamptz + n * interval '10 seconds', '1', n, 2, sha256('') FROM generate_series(1, 100001) n`,
    )
    await records.raw('SET session_replication_role = replica')
    await records.raw(
      `INSERT INTO audit.trail_archive (request_id, month, incarnation, first_leaf, end_leaf, tree_size, patient_rows, security_rows, file_name, file_sha256, content_digest, detached_at, changed_at)
       VALUES (gen_random_uuid(), '2011-03-01', 1, 10000001, 10100002, 10100002, 100001, 0, 'claimed-archive', sha256(''), sha256(''), now(), now())`,
    )
    await records.raw('SET session_replication_role = origin')
    const march = { from: '2011-03-01T00:00:00Z', to: '2011-04-01T00:00:00Z' }
    expect(await ask('csv', march)).toMatchObject({ refusal: null, state: 'WAITING', rows: 100_001 })
  })
})
