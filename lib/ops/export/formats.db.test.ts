import { randomUUID } from 'node:crypto'
import { buffer } from 'node:stream/consumers'
import { Fhir } from 'fhir'
import type { Client } from 'pg'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { csvCell } from '#lib/csv-cell.ts'
import { openTexts, sealText } from '#lib/accounts/sealed-text.ts'
import { askExport, type ExportFormat } from '#lib/audit/export/ask-export.ts'
import { openDownload } from '#lib/audit/export/open-download.ts'
import { readExportFile } from '#lib/audit/export/read-export-file.ts'
import { Sealer } from '#lib/audit/seal/sealer.ts'
import { openClient } from '#lib/db/open-client.ts'
import { env } from '#lib/env.ts'
import { leafHash } from '#lib/merkle/tree-hash.ts'
import { anchorFile, openFileAnchor } from '#lib/ops/seal/file-anchor.ts'
import { makeMissingSealKey, readSealKey, readVerifierKey } from '#lib/ops/seal/seal-key.ts'
import { formatVerifierKey } from '#lib/merkle/note-key.ts'
import { balpFaults, type AuditEventShape } from '#lib/testing/balp-faults.ts'
import { readPdf } from '#lib/testing/read-pdf.ts'
import { makeRecordCast, type RecordCast } from '#lib/testing/record-cast.ts'
import { sealAll } from '#lib/testing/seal-all.ts'
import { testDatabase } from '#lib/testing/test-database.ts'
import { verifyEvidence } from '#lib/verifier/verify.mjs'
import { makeExport } from './make-export.ts'
import { takeExport } from './take-export.ts'

let records: RecordCast
let worker: Client
let sealerClient: Client
let sealer: Sealer
let key: string
const formula = '=HYPERLINK("https://evil.example","click")'

beforeAll(async () => {
  records = await makeRecordCast()
  const { urls } = await testDatabase()
  worker = await openClient(urls.worker)
  sealerClient = await openClient(urls.sealer)
  makeMissingSealKey(env.home, 'http://localhost:3000')
  key = formatVerifierKey(readVerifierKey(env.home, 1))
  sealer = new Sealer(
    sealerClient,
    (incarnation) => readSealKey(env.home, incarnation),
    openFileAnchor(anchorFile(env.home)),
  )
  // Every action and outcome there is, a name that is a formula, and others' rows in between.
  await records.raw(`UPDATE app.account SET job_title = $1 WHERE id = $2`, [
    formula,
    records.actors.nurse.accountId,
  ])
  await records.raw(
    `INSERT INTO audit.patient_phi_audit_log (actor_user_id, actor_role, db_role, request_id, patient_id, action_type, view, changed_fields, purpose, outcome, reason, relation, client_ip)
     SELECT $1, 'nurse', CASE WHEN n % 7 = 0 THEN NULL ELSE 'phi_nurse' END, gen_random_uuid(), CASE WHEN n % 3 = 0 THEN $3::uuid ELSE $2::uuid END,
            (ARRAY['READ', 'CREATE', 'UPDATE', 'DELETE', 'SEARCH', 'EXPORT', 'PRINT'])[n % 7 + 1], 'chart', '{"Observation": ["value", "unit"]}', 'TREAT',
            CASE WHEN n % 7 = 0 THEN 'DENIED' WHEN n % 7 IN (1, 2, 3) AND n % 2 = 0 THEN 'EFFECT' ELSE 'ALLOWED' END,
            CASE WHEN n % 7 = 0 THEN 'no-relation' END, 'care', CASE WHEN n % 5 = 0 THEN NULL ELSE '10.0.0.7'::inet END
       FROM generate_series(1, 700) n`,
    [records.actors.nurse.accountId, records.cast.maria, records.cast.otto],
  )
  await sealAll(sealer, records.cast.sql.superuser)
})
afterAll(async () => {
  await worker.end()
  await sealerClient.end()
  await records.close()
})

/** The content of an export of what the nurse did, made and downloaded. */
async function exported(format: ExportFormat, criteria: object = {}, byteOrderMark = false): Promise<Buffer> {
  const carla = records.actorOf(await records.cast.signIn('compliance', 'Carla Nwosu'))
  const exportId = randomUUID()
  const reasonId = randomUUID()
  const to = new Date(Date.now() + 60_000).toISOString()
  const from = new Date(Date.now() - 86_400_000).toISOString()
  const asked = await askExport(carla, {
    exportId,
    format,
    byteOrderMark,
    criteria: { from, to, actor: records.actors.nurse.accountId, view: 'chart', ...criteria },
    reasonId,
    reasonSealed: await sealText(reasonId, 'For the test of formats'),
  })
  expect(asked.refusal).toBeNull()
  const taken = await takeExport(worker, exportId)
  if (!taken) throw new Error('it was not taken')
  const outcome = await makeExport(worker, taken, { home: env.home, host: 'vigil.example' })
  if (outcome !== 'ready') throw new Error(outcome)
  const open = await openDownload(carla, exportId)
  if (open.refusal !== null) throw new Error(open.refusal)
  const fileKey = (await openTexts([open.key])).get(open.key.id) ?? ''
  return buffer(readExportFile(env.home, exportId, open.attempt, fileKey))
}

describe('evidence', () => {
  let text: string
  beforeAll(async () => {
    text = (await exported('evidence', { patients: [records.cast.maria] })).toString('utf8')
  })
  const lines = () => text.trimEnd().split('\n')
  const change = (at: (line: Record<string, unknown>) => boolean, to: (line: string) => string[]) => {
    const all = lines()
    const place = all.findIndex((line) => at(JSON.parse(line) as Record<string, unknown>))
    expect(place).toBeGreaterThan(-1)
    return [...all.slice(0, place), ...to(all[place] ?? ''), ...all.slice(place + 1)].join('\n')
  }

  test('is accepted by the stand-alone verifier: every entry, and all the rest counted', () => {
    const found = verifyEvidence(text, key)
    expect(found.entries).toBe(467)
    expect(found.size).toBe(found.entries + (found.hidden ?? 0))
    expect(found.hidden).toBeGreaterThan(233)
    // Otto's rows lie between Maria's, and nothing of them is told.
    expect(text).not.toContain(records.cast.otto)
  })

  test('is refused when an entry was left out, changed, moved or hidden without its hash, and under another key', () => {
    const isEntry = (line: Record<string, unknown>) => typeof line['data'] === 'string'
    const isHidden = (line: Record<string, unknown>) => typeof line['hash'] === 'string'
    const attacks = [
      change(isEntry, () => []),
      change(isHidden, () => []),
      change(isEntry, (line) => [line.replace('10.0.0.7', '10.0.0.8').replace('phi_nurse', 'phi_patient')]),
      change(isEntry, (line) => [line, line]),
      change(isHidden, (line) => [line.replace(/"hash":"./, '"hash":"_')]),
      lines().slice(0, -1).join('\n'),
      text.replace('"entries":467', '"entries":466'),
    ]
    for (const attack of attacks) expect(() => verifyEvidence(attack, key)).toThrow()
    expect(() => verifyEvidence(text, key.replace(/[0-9a-f]{8}/, '00000000'))).toThrow()
    expect(verifyEvidence(lines().join('\n'), key).entries).toBe(467)
  })

  test('an entry may become a hash, and is then counted as one that is not shown', () => {
    const hidden = change(
      (line) => typeof line['data'] === 'string',
      (line) => {
        const { index, data } = JSON.parse(line) as { index: number; data: string }
        return [JSON.stringify({ index, level: 0, hash: leafHash(data).toString('base64') })]
      },
    ).replace('"entries":467', '"entries":466')
    expect(verifyEvidence(hidden, key)).toMatchObject({ entries: 466 })
  })

  test('is not made of a row that is not what was sealed', async () => {
    const superuser = records.cast.sql.superuser
    const { rows } = await superuser.query<{ log_id: string }>(
      `SELECT log_id FROM audit.patient_phi_audit_log WHERE action_type = 'PRINT' LIMIT 1`,
    )
    const edit = async (from: string, to: string) => {
      await superuser.query('SET session_replication_role = replica')
      await superuser.query(`UPDATE audit.patient_phi_audit_log SET relation = $3 WHERE log_id = $1 AND relation = $2`, [rows[0]?.log_id, from, to])
      await superuser.query('SET session_replication_role = origin')
    } // prettier-ignore
    await edit('care', 'self')
    await expect(exported('evidence', { action: 'PRINT' })).rejects.toThrow('failed')
    await edit('self', 'care')
    expect(
      verifyEvidence((await exported('evidence', { action: 'PRINT' })).toString('utf8'), key).entries,
    ).toBe(100)
  })
})

test('a line of NDJSON is the text that was sealed', async () => {
  const text = (await exported('ndjson')).toString('utf8').trimEnd().split('\n')
  expect(text).toHaveLength(700)
  const { rows } = await records.cast.sql.superuser.query<{ found: string }>(
    `SELECT count(*) AS found FROM audit.seal_leaf WHERE leaf_hash = ANY ($1::bytea[])`,
    [text.map((line) => leafHash(line))],
  )
  expect(rows[0]?.found).toBe('700')
})

test('FHIR: a Bundle of AuditEvents that keep to R4 and to their BALP profile', async () => {
  const bundle = JSON.parse((await exported('fhir')).toString('utf8')) as {
    entry: { resource: AuditEventShape }[]
  }
  const fhir = new Fhir()
  const events = bundle.entry.map(({ resource }) => resource)
  expect(events).toHaveLength(700)
  const faults = (resource: object): string[] => {
    const { messages } = fhir.validate(resource, { errorOnUnexpected: true })
    return messages
      .filter(({ severity }) => severity === 'error')
      .map(({ location, message }) => `${location}: ${message}`)
  }
  expect(faults({ ...bundle, entry: bundle.entry.slice(0, 3) })).toEqual([])
  const kinds = new Map(
    events.map((event) => [`${event.meta?.profile?.[0]} ${event.outcome} ${event.action}`, event]),
  )
  expect(kinds.size).toBeGreaterThanOrEqual(6)
  for (const event of kinds.values()) expect(faults(event)).toEqual([])
  expect(events.flatMap(balpFaults)).toEqual([])
  expect(events.filter((event) => event.outcome !== '0').every((event) => event.meta === undefined)).toBe(
    true,
  )
  // The checks can go red.
  const [good] = events.filter((event) => event.meta?.profile?.[0]?.endsWith('PatientCreate'))
  expect(faults({ ...good, outcome: '3', surprise: true }).length).toBeGreaterThan(0)
  expect(balpFaults({ ...good, action: 'R' })).toEqual(['PatientCreate: action'])
  expect(balpFaults({ ...good, agent: good?.agent?.slice(1) ?? [] })).toContain(
    'PatientCreate: client 1..1 with who and network',
  )
})

describe('CSV', () => {
  test('has no cell that a spreadsheet takes for a formula', async () => {
    const text = (await exported('csv')).toString('utf8')
    expect(text).toContain(`"'=HYPERLINK(""https://evil.example"",""click"")"`)
    const rows = text.trimEnd().split('\r\n')
    expect(rows).toHaveLength(701)
    expect(rows.every((row) => row.match(/"(?:[^"]|"")*"/g)?.length === 21)).toBe(true)
    expect(text).not.toContain(records.cast.maria)
    expect(rows[1]).toContain('Carla Nwosu')
    for (const dangerous of ['=1', '+1', '-1', '@SUM(A1)', '\t=1', '\r=1', '  =1', '＝1', '|calc'])
      expect(csvCell(dangerous)).toMatch(/^"'/)
    for (const harmless of ['Nadia', '10.0.0.7', '', 'a=1']) expect(csvCell(harmless)).toBe(`"${harmless}"`)
  })

  test('begins with a byte order mark when asked to', async () => {
    expect([...(await exported('csv', {}, true)).subarray(0, 3)]).toEqual([0xef, 0xbb, 0xbf])
    expect((await exported('csv')).subarray(0, 1).toString()).toBe('"')
  })
})

test('PDF: tagged, with who asked on it, and nothing of a patient in its metadata', async () => {
  const bytes = await exported('pdf', { patients: [records.cast.maria], action: 'UPDATE' })
  const { pages, elements } = readPdf(bytes)
  expect(pages).toBeGreaterThan(1)
  expect(elements[0]?.children.map(({ tag }) => tag)).toEqual(['H1', 'P', 'L', 'Table', 'P'])
  const text = JSON.stringify(elements)
  for (const word of ['Carla', 'Nwosu', 'Nadia', 'Osei', 'leaf']) expect(text).toContain(word)
  expect(bytes.toString('latin1')).not.toContain(records.cast.maria)
})
