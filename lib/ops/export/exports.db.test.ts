import { createHash, randomUUID } from 'node:crypto'
import { existsSync, readFileSync, readdirSync, writeFileSync } from 'node:fs'
import { buffer } from 'node:stream/consumers'
import type { Client } from 'pg'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { openTexts, sealText } from '#lib/accounts/sealed-text.ts'
import { askExport, type AskedExport, type ExportFormat } from '#lib/audit/export/ask-export.ts'
import { exportFile, exportFolder } from '#lib/audit/export/export-file.ts'
import { listExports } from '#lib/audit/export/list-exports.ts'
import { openDownload } from '#lib/audit/export/open-download.ts'
import { readExportFile } from '#lib/audit/export/read-export-file.ts'
import { cancelExport, decideExport } from '#lib/audit/export/settle-export.ts'
import { openClient } from '#lib/db/open-client.ts'
import { env } from '#lib/env.ts'
import type { Actor } from '#lib/policy/actor.ts'
import { makeRecordCast, type RecordCast } from '#lib/testing/record-cast.ts'
import { testDatabase } from '#lib/testing/test-database.ts'
import { makeExport } from './make-export.ts'
import { sweepExports } from './sweep-exports.ts'
import { takeExport } from './take-export.ts'

let records: RecordCast
let carla: Actor
let second: Actor
let worker: Client
const place = { home: env.home, host: 'vigil.example' }

beforeAll(async () => {
  records = await makeRecordCast()
  carla = records.actors.compliance
  second = records.actorOf(await records.cast.signIn('compliance', 'Silvan Roth'))
  worker = await openClient((await testDatabase()).urls.worker)
  await fill(records.cast.maria, 30)
})
afterAll(async () => {
  await worker.end()
  await records.close()
})

/** Rows of the trail, as if they had been written by the gate. */
const fill = (patient: string, rows: number, view = 'chart') =>
  records.raw(
    `INSERT INTO audit.patient_phi_audit_log (actor_user_id, actor_role, db_role, request_id, patient_id, action_type, view, changed_fields, purpose, outcome, relation, client_ip)
     SELECT $1, 'nurse', 'phi_nurse', gen_random_uuid(), $2, 'READ', $4, '{"Observation": ["value"]}', 'TREAT', 'ALLOWED', 'care', '10.0.0.7'
       FROM generate_series(1, $3::integer)`,
    [records.actors.nurse.accountId, patient, rows, view],
  )
const period = () => ({
  from: new Date(Date.now() - 86_400_000).toISOString(),
  to: new Date(Date.now() + 60_000).toISOString(),
})

type Asked = AskedExport & { exportId: string }
async function ask(
  who: Actor,
  criteria: Record<string, unknown> = {},
  format: ExportFormat = 'ndjson',
): Promise<Asked> {
  const exportId = randomUUID()
  const reasonId = randomUUID()
  const asked = await askExport(who, {
    exportId,
    format,
    byteOrderMark: false,
    criteria: { ...period(), ...criteria },
    reasonId,
    reasonSealed: await sealText(reasonId, 'Request of the board of health, file 12'),
  })
  return { ...asked, exportId }
}
async function make(exportId: string): Promise<string> {
  const taken = await takeExport(worker, exportId)
  return taken ? makeExport(worker, taken, place) : 'not taken'
}
async function download(who: Actor, exportId: string): Promise<string> {
  const open = await openDownload(who, exportId)
  if (open.refusal !== null) return open.refusal
  const key = (await openTexts([open.key])).get(open.key.id) ?? ''
  return (await buffer(readExportFile(env.home, exportId, open.attempt, key))).toString('utf8')
}
const stateOf = async (exportId: string): Promise<string | undefined> =>
  (
    await records.raw<{ state: string }>('SELECT state FROM audit.trail_export WHERE export_id = $1', [
      exportId,
    ])
  )[0]?.state
const events = (exportId: string) =>
  records.raw<{
    event_type: string
    outcome: string
    actor_user_id: string | null
    detail: Record<string, unknown>
  }>(
    `SELECT event_type, outcome, actor_user_id, detail FROM audit.security_event_log WHERE detail ->> 'export' = $1 ORDER BY seq`,
    [exportId],
  )
const eventNames = async (exportId: string) =>
  (await events(exportId)).map((event) => `${event.event_type} ${event.outcome}`)

test('from asking to the download: each step is on record, the file lies sealed, and only who asked gets it', async () => {
  const asked = await ask(carla, { patients: [records.cast.maria] })
  expect(asked).toMatchObject({ refusal: null, state: 'QUEUED' })
  expect(await download(carla, asked.exportId)).toBe('not-ready')
  expect(await make(asked.exportId)).toBe('ready')
  const [listed] = await listExports(carla)
  expect(listed).toMatchObject({ export_id: asked.exportId, is_own: true, state: 'READY', downloads: 0 })
  const text = await download(carla, asked.exportId)
  const lines = text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>)
  expect(lines.length).toBeGreaterThanOrEqual(30)
  expect(new Set(lines.map((line) => line['patient_id']))).toEqual(new Set([records.cast.maria]))
  expect(createHash('sha256').update(text).digest('hex')).toBe(listed?.sha256)
  // Others see that it exists, not what is in it.
  expect((await listExports(second))[0]).toMatchObject({ export_id: asked.exportId, is_own: false })
  expect(await download(second, asked.exportId)).toBe('no-such-export')
  expect(await download(records.actors.admin, asked.exportId)).toBe('not-allowed')
  expect(await eventNames(asked.exportId)).toEqual([
    'TRAIL_EXPORT_REQUESTED DONE',
    'TRAIL_EXPORT_DOWNLOADED REFUSED',
    'TRAIL_EXPORT_READY DONE',
    'TRAIL_EXPORT_DOWNLOADED DONE',
    'TRAIL_EXPORT_DOWNLOADED REFUSED',
    'TRAIL_EXPORT_DOWNLOADED REFUSED',
  ])
  const sealed = readFileSync(exportFile(env.home, asked.exportId, 1))
  expect(sealed.includes(records.cast.maria)).toBe(false)
  expect(sealed.includes('patient_id')).toBe(false)
})

test('the reason lies sealed, and opens for officers', async () => {
  const [row] = await listExports(second)
  if (!row) throw new Error('there is no export')
  expect(row.reason_sealed).toMatch(/^phi1[.]/)
  const opened = await openTexts([{ id: row.reason_id, sealed: row.reason_sealed }])
  expect(opened.get(row.reason_id)).toContain('board of health')
})

describe('over 100,000 rows', () => {
  beforeAll(() => fill(records.cast.otto, 100_001, 'results'))

  test('a second officer must agree; not the one who asked, not with an old code, not somebody else', async () => {
    const asked = await ask(carla, { view: 'results' })
    expect(asked).toMatchObject({ refusal: null, state: 'WAITING', rows: 100_001 })
    expect(await make(asked.exportId)).toBe('not taken')
    expect(await decideExport(carla, asked.exportId, true)).toBe('own-request')
    expect(await decideExport(records.actors.admin, asked.exportId, true)).toBe('not-allowed')
    const stale = records.actorOf(await records.cast.signIn('compliance', 'Uta Old'))
    await records.raw(
      `UPDATE app.session SET second_factor_at = now() - interval '6 minutes' WHERE account_id = $1`,
      [stale.accountId],
    )
    expect(await decideExport(stale, asked.exportId, true)).toBe('code-too-old')
    expect(await ask(stale)).toMatchObject({ refusal: 'code-too-old' })
    expect(await decideExport(second, asked.exportId, true)).toBeNull()
    expect(await decideExport(stale, asked.exportId, false)).toBe('code-too-old')
    expect(await decideExport(second, asked.exportId, false)).toBe('decided-already')
    expect(await stateOf(asked.exportId)).toBe('QUEUED')
    const names = await eventNames(asked.exportId)
    expect(names.filter((name) => name === 'TRAIL_EXPORT_APPROVED REFUSED')).toHaveLength(3)
    expect(names).toContain('TRAIL_EXPORT_APPROVED DONE')
  }, 240_000)

  test('many small ones are not a way around it, also when they are asked for at once', async () => {
    const nora = records.actorOf(await records.cast.signIn('compliance', 'Nora Lim'))
    const [{ middle } = { middle: '' }] = await records.raw<{ middle: string }>(
      `SELECT accessed_at::text AS middle FROM audit.patient_phi_audit_log WHERE view = 'results' ORDER BY accessed_at, seq OFFSET 60000 LIMIT 1`,
    )
    const halves = await Promise.all([
      ask(nora, { view: 'results', to: middle }),
      ask(nora, { view: 'results', from: middle }),
    ])
    // Each is allowed alone; together they are more than one person may take in a day.
    const late = await ask(nora, { view: 'results', to: middle })
    const states = [...halves, late].map((asked) => (asked.refusal === null ? asked.state : asked.refusal))
    expect(states.filter((state) => state === 'QUEUED').length).toBeLessThanOrEqual(1)
    expect(states).toContain('WAITING')
  })

  test('evidence and paper have limits, and somebody may not queue without end', async () => {
    const omar = records.actorOf(await records.cast.signIn('compliance', 'Omar Haddad'))
    expect(await ask(omar, { view: 'results' }, 'pdf')).toMatchObject({ refusal: 'too-long-for-pdf' })
    expect(await ask(omar, { view: 'results' }, 'evidence')).toMatchObject({
      refusal: 'too-long-for-evidence',
    })
    expect(await ask(omar, { view: 'no-such-view' })).toMatchObject({ refusal: 'nothing-there' })
    for (let count = 0; count < 3; count += 1)
      expect(await ask(omar, { view: 'chart' })).toMatchObject({ refusal: null })
    expect(await ask(omar, { view: 'chart' })).toMatchObject({ refusal: 'too-many-open' })
    await expect(ask(omar, { from: '2020-01-01T00:00:00Z' })).rejects.toThrow('could not be asked for')
  })
})

test('nobody but an officer with a living session asks, and criteria are values, never SQL', async () => {
  expect(await ask(records.actors.nurse)).toMatchObject({ refusal: 'not-allowed' })
  expect(await ask({ ...carla, sessionToken: 'x' } as Actor)).toMatchObject({ refusal: 'no-session' })
  const before = await listExports(carla)
  expect(await ask(carla, { view: "chart' OR true --" })).toMatchObject({ refusal: 'nothing-there' })
  expect(await ask(carla, { field: "value' OR 'a' = 'a" })).toMatchObject({ refusal: 'nothing-there' })
  await expect(ask(carla, { address: "10.0.0.7' OR true --" })).rejects.toThrow()
  expect(await listExports(carla)).toHaveLength(before.length)
  expect(await listExports(records.actors.clinician)).toEqual([])
})

test('cancelled while it is made: the worker stops and leaves nothing; cancelled when ready: the file goes', async () => {
  const asked = await ask(second, { view: 'chart' })
  const taken = await takeExport(worker, asked.exportId)
  if (!taken) throw new Error('it was not taken')
  expect(await cancelExport(carla, asked.exportId)).toBe('no-such-export')
  expect(await cancelExport(second, asked.exportId)).toBeNull()
  expect(await cancelExport(second, asked.exportId)).toBe('ended-already')
  await expect(makeExport(worker, taken, place)).rejects.toMatchObject({ code: '42501' })
  expect(existsSync(exportFile(env.home, asked.exportId, 1))).toBe(false)
  const ready = await ask(second, { view: 'chart' })
  expect(await make(ready.exportId)).toBe('ready')
  expect(await cancelExport(second, ready.exportId)).toBeNull()
  await sweepExports(worker, env.home)
  expect(existsSync(exportFile(env.home, ready.exportId, 1))).toBe(false)
  expect(await download(second, ready.exportId)).toBe('not-ready')
})

test('a worker that is killed: its lease runs out, another begins anew, and the first can finish nothing', async () => {
  const asked = await ask(second, { view: 'chart' })
  const first = await takeExport(worker, asked.exportId)
  if (!first) throw new Error('it was not taken')
  expect(await takeExport(worker, asked.exportId)).toBeUndefined()
  // What it had written when it was killed.
  writeFileSync(exportFile(env.home, asked.exportId, 1), 'half')
  await records.raw(`UPDATE audit.trail_export SET lease_until = app.now() - interval '1 second' WHERE export_id = $1`, [asked.exportId]) // prettier-ignore
  const again = await takeExport(worker, asked.exportId)
  expect(again?.attempt).toBe(2)
  await expect(makeExport(worker, { ...first, attempt: 1 }, { ...place, home: `${env.home}/other` })).rejects.toMatchObject({ code: '42501' }) // prettier-ignore
  if (!again) throw new Error('it was not taken again')
  expect(await makeExport(worker, again, place)).toBe('ready')
  await sweepExports(worker, env.home)
  expect(readdirSync(exportFolder(env.home)).filter((name) => name.startsWith(asked.exportId))).toEqual([
    `${asked.exportId}.2.sealed`,
  ])
  expect(await download(second, asked.exportId)).toContain('"view":"chart"')
})

test('after ten minutes it is over, whether or not the worker has come round; what nobody agreed to lapses', async () => {
  const asked = await ask(second, { view: 'chart' })
  expect(await make(asked.exportId)).toBe('ready')
  await records.raw(`UPDATE audit.trail_export SET expires_at = app.now() WHERE export_id = $1`, [
    asked.exportId,
  ])
  expect(await download(second, asked.exportId)).toBe('expired')
  expect((await listExports(second)).find((row) => row.export_id === asked.exportId)?.state).toBe('EXPIRED')
  await sweepExports(worker, env.home)
  expect(await stateOf(asked.exportId)).toBe('EXPIRED')
  expect(existsSync(exportFile(env.home, asked.exportId, 1))).toBe(false)
  expect(await eventNames(asked.exportId)).toContain('TRAIL_EXPORT_EXPIRED DONE')
})

test('a file that somebody altered, or put in another’s place, is not handed out', async () => {
  const [one, other] = [await ask(second, { view: 'chart' }), await ask(second, { view: 'chart' })]
  expect([await make(one.exportId), await make(other.exportId)]).toEqual(['ready', 'ready'])
  expect(await download(second, one.exportId)).toContain('"view":"chart"')
  const file = exportFile(env.home, one.exportId, 1)
  const good = readFileSync(file)
  writeFileSync(file, readFileSync(exportFile(env.home, other.exportId, 1)))
  await expect(download(second, one.exportId)).rejects.toMatchObject({ code: 'NOT_AUTHENTIC' })
  writeFileSync(file, good.subarray(0, -1))
  await expect(download(second, one.exportId)).rejects.toMatchObject({ code: 'NOT_AUTHENTIC' })
})

test('the web login makes no export and reads no row, and the worker decides nothing', async () => {
  const { app, worker: login, superuser } = records.cast.sql
  for (const text of [
    'SELECT audit.export_take(NULL)',
    `SELECT audit.export_rows(gen_random_uuid(), 1, NULL, NULL, 10)`,
    'SELECT audit.export_sweep()',
    'SELECT FROM audit.trail_export',
  ])
    await expect(app.query(text)).rejects.toMatchObject({ code: '42501' })
  for (const text of [
    `SELECT audit.export_decide('x', gen_random_uuid(), true, NULL)`,
    `SELECT audit.export_rows(gen_random_uuid(), 1, NULL, NULL, 10)`,
    'SELECT FROM audit.trail_export',
    'SELECT FROM audit.patient_phi_audit_log',
  ])
    await expect(login.query(text)).rejects.toMatchObject({ code: '42501' })
  // The steps follow each other for the owner of the table too.
  await expect(
    superuser.query(`UPDATE audit.trail_export SET state = 'QUEUED' WHERE state = 'EXPIRED'`),
  ).rejects.toMatchObject({ code: '42501' })
  await expect(superuser.query('DELETE FROM audit.trail_export')).rejects.toMatchObject({ code: '42501' })
})
