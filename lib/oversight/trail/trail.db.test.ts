import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { saveFilter } from '#lib/accounts/saved-filter.ts'
import { askTrail } from '#lib/audit/read-trail.ts'
import { AuditUnavailable } from '#lib/errors.ts'
import type { Actor } from '#lib/policy/actor.ts'
import { makeRecordCast, type RecordCast } from '#lib/testing/record-cast.ts'
import type { TrailFilter } from './criteria.ts'
import { openActorTimeline, openPatientTimeline } from './open-timeline.ts'
import { openClinicActivity } from './open-activity.ts'
import { openTrailEntry } from './open-entry.ts'
import { openTrailSearch } from './open-trail-search.ts'
import type { TrailOrder } from './order.ts'
import { changeTrailView, listTrailViews, runTrailView, saveTrailView } from './saved-views.ts'
import { searchTrail } from './search-trail.ts'
import { startQuerySearch } from './start-query-search.ts'
import { startTrailSearch } from './start-trail-search.ts'
import type { TrailPageView } from './view.ts'

let records: RecordCast
let carla: Actor
let nadia: string
let ines: string
let patient: string
let other: string
const newest: TrailOrder = { sort: 'time', direction: 'descending' }
const minute = (n: number): string => new Date(begin + n * 60_000).toISOString()
const begin = Date.parse(`${new Date().toISOString().slice(0, 7)}-02T10:00:00Z`)

type Planted = Partial<Record<'actor' | 'role' | 'patient' | 'action' | 'view' | 'outcome' | 'purpose' | 'reason' | 'ip' | 'session' | 'request' | 'glass' | 'fields', string>> // prettier-ignore

/** Rows as the gate would have written them at that minute: the trail itself can never be told a time. */
async function plant(rows: (Planted & { at: number })[]): Promise<string[]> {
  const ids: string[] = []
  for (const row of rows) {
    const [made] = await records.raw<{ log_id: string }>(
      `INSERT INTO audit.patient_phi_audit_log (accessed_at, actor_user_id, actor_role, db_role, session_id, request_id, patient_id, action_type, view,
         changed_fields, purpose, outcome, reason, break_glass_id, client_ip)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15) RETURNING log_id`,
      [
        minute(row.at), row.actor ?? nadia, row.role ?? 'nurse', row.outcome === 'DENIED' ? null : 'phi_nurse', row.session ?? null,
        row.request ?? randomUUID(), row.patient ?? patient, row.action ?? 'READ', row.view ?? 'chart-summary', row.fields ?? '{"Observation": ["value"]}',
        row.purpose ?? 'TREAT', row.outcome ?? 'ALLOWED', row.reason ?? (row.outcome === 'DENIED' ? 'no-relation' : null), row.glass ?? null, row.ip ?? '10.4.18.22',
      ],
    ) // prettier-ignore
    ids.push(made?.log_id ?? '')
  }
  return ids
}

const filter = (form: Record<string, string> = {}, about: Partial<TrailFilter> = {}): TrailFilter => ({
  form, from: minute(0), to: minute(600), patients: null, tooMany: false, ...about,
}) // prettier-ignore
const search = async (
  form: Record<string, string> = {},
  about: Partial<TrailFilter> = {},
  order = newest,
): Promise<TrailPageView> => {
  const page = await searchTrail(carla, filter(form, about), { scope: 'test', order, after: null })
  if (!page) throw new Error('refused')
  return page
}
const ids = (page: TrailPageView): string[] => page.entries.map((entry) => entry.logId)

let rows: string[]
const session = randomUUID()
const request = randomUUID()
beforeAll(async () => {
  records = await makeRecordCast()
  carla = records.actors.compliance
  nadia = records.actors.nurse.accountId
  ines = records.actors.clinician.accountId
  patient = randomUUID()
  other = randomUUID()
  rows = await plant([
    { at: 1 },
    { at: 2, actor: ines, role: 'clinician', request },
    { at: 3, patient: other, outcome: 'DENIED', session },
    { at: 4, action: 'UPDATE', purpose: 'HOPERAT', ip: '192.168.7.9' },
    { at: 5, glass: randomUUID(), purpose: 'ETREAT', fields: '{"Note": ["body"]}' },
    { at: 6, view: 'chart-notes', request, patient: other },
  ])
  await records.raw(
    `INSERT INTO audit.access_explanation (actor_id, patient_id, day, tags, is_explained)
     VALUES ($1, $2, ($3::timestamptz AT TIME ZONE 'UTC')::date, '{}', false), ($4, $2, ($3::timestamptz AT TIME ZONE 'UTC')::date, '{E1}', true)`,
    [nadia, patient, minute(1), ines],
  )
})
afterAll(() => records.close())

const at = (...places: number[]): (string | undefined)[] => places.map((place) => rows[place])

describe('criteria', () => {
  test('each finds the rows that fit it and no others, newest first', async () => {
    const found = async (form: Record<string, string>, about: Partial<TrailFilter> = {}) => ids(await search(form, about)) // prettier-ignore
    expect(await found({})).toEqual(at(5, 4, 3, 2, 1, 0))
    expect(await found({ actor: ines })).toEqual(at(1))
    expect(await found({ actor: `-${nadia}` })).toEqual(at(1))
    expect(await found({ role: 'nurse' })).toEqual(at(5, 4, 3, 2, 0))
    expect(await found({ action: '-READ' })).toEqual(at(3))
    expect(await found({ outcome: 'DENIED' })).toEqual(at(2))
    expect(await found({ view: 'chart-notes' })).toEqual(at(5))
    expect(await found({ purpose: '-TREAT' })).toEqual(at(4, 3))
    expect(await found({ field: 'body' })).toEqual(at(4))
    expect(await found({ address: '192.168.0.0/16' })).toEqual(at(3))
    expect(await found({ session })).toEqual(at(2))
    expect(await found({ request })).toEqual(at(5, 1))
    expect(await found({ emergency: 'yes' })).toEqual(at(4))
    expect(await found({}, { patients: [other] })).toEqual(at(5, 2))
    expect(await found({}, { patients: [other, patient] })).toHaveLength(6)
    expect(await found({}, { from: minute(2), to: minute(4) })).toEqual(at(2, 1))
  })

  test('unexplained only: what was looked at and has no reason; what nobody looked at yet is not among it', async () => {
    const page = await search({ unexplained: 'yes' })
    expect(ids(page)).toEqual(at(4, 3, 0))
    expect(page.entries.map((entry) => entry.isExplained)).toEqual([false, false, false])
    expect((await search({ actor: ines })).entries[0]?.isExplained).toBe(true)
    expect((await search({ outcome: 'DENIED' })).entries[0]?.isExplained).toBeNull()
  })

  test('what no index finds is limited to 31 days, by the form and by the database', async () => {
    const year = { from: minute(-300 * 1440), to: minute(600) }
    expect(ids(await search({}, { ...year, patients: [patient] }))).toHaveLength(4)
    expect(ids(await search({ outcome: 'DENIED' }, year))).toContain(rows[2])
    await expect(search({ address: '10.0.0.0/8' }, year)).rejects.toBeInstanceOf(AuditUnavailable)
    await expect(search({ actor: `-${nadia}` }, year)).rejects.toBeInstanceOf(AuditUnavailable)
    await expect(search({}, year, { sort: 'who', direction: 'ascending' })).rejects.toBeInstanceOf(AuditUnavailable) // prettier-ignore
    const typed = { from: '2026-01-01T00:00', to: '2026-11-01T00:00', address: '10.0.0.0/8' }
    expect(await startTrailSearch(carla, typed)).toMatchObject({
      kind: 'problems',
      problems: [{ field: 'to', message: expect.stringContaining('31 days') as string }],
    })
  })

  test('a value that is meant as SQL is a value', async () => {
    const evil = `x' OR true --`
    for (const name of ['role', 'action', 'view', 'outcome', 'purpose', 'field', 'zone'])
      if (name === 'zone') await expect(search({ zone: evil })).rejects.toBeInstanceOf(AuditUnavailable)
      else expect(ids(await search({ [name]: evil }))).toEqual([])
    for (const name of ['actor', 'address', 'session', 'request'])
      await expect(search({ [name]: evil })).rejects.toBeInstanceOf(AuditUnavailable)
  })
})

describe('pages and orders', () => {
  test('every order walks through all rows once, by signed cursors, whatever the size of the page', async () => {
    for (const sort of [
      'time',
      'who',
      'patient',
      'action',
      'outcome',
      'part',
      'purpose',
      'address',
      'session',
      'request',
      'emergency',
      'relation',
    ] as const)
      for (const direction of ['ascending', 'descending'] as const) {
        const seen: string[] = []
        let after: string | null = null
        do {
          const page: TrailPageView | null = await searchTrail(carla, filter(), { scope: 'walk', order: { sort, direction }, after, limit: 2 }) // prettier-ignore
          seen.push(...ids(page as TrailPageView))
          after = page?.next ?? null
        } while (after !== null)
        expect(seen.toSorted(), `${sort} ${direction}`).toEqual(rows.toSorted())
        if (sort === 'time') expect(seen).toEqual(direction === 'descending' ? rows.toReversed() : rows)
      }
  })

  test('a cursor that was bent, or made for another search, order or person, begins at the beginning', async () => {
    const first = await searchTrail(carla, filter(), { scope: 'a', order: newest, after: null, limit: 2 })
    const cursor = first?.next ?? ''
    const entriesAfter = async (after: string, scope = 'a', order = newest, actor = carla) =>
      (await searchTrail(actor, filter(), { scope, order, after, limit: 2 }))?.entries[0]?.logId
    expect(await entriesAfter(cursor)).toBe(rows[3])
    const [payload = '', signature = ''] = cursor.split('.')
    const bent = Buffer.from(JSON.stringify([null, '2020-01-01 00:00:00+00', '1'])).toString('base64url')
    for (const wrong of [`${bent}.${signature}`, `${payload}.x`, payload, '', '.', 'x'.repeat(100_000)])
      expect(await entriesAfter(wrong), wrong.slice(0, 40)).toBe(rows[5])
    expect(await entriesAfter(cursor, 'b')).toBe(rows[5])
    expect(await entriesAfter(cursor, 'a', { sort: 'time', direction: 'ascending' })).toBe(rows[0])
    const carlo = records.actorOf(await records.cast.signIn('compliance', 'Carlo'))
    expect(await entriesAfter(cursor, 'a', newest, carlo)).toBe(rows[5])
  })

  test('the count stops at ten thousand, and then nothing is drawn', async () => {
    const page = await search()
    expect(page).toMatchObject({ count: 6, isMany: false, isFirst: true, next: null })
    expect(page.activity).toMatchObject({
      unit: 'hour',
      bars: [
        { startsAt: minute(0).slice(0, 16), entries: 6, refused: 1 },
        ...Array.from({ length: 9 }, () => ({ entries: 0, refused: 0 })),
      ],
    })
    await records.raw(
      `INSERT INTO audit.patient_phi_audit_log (accessed_at, actor_user_id, actor_role, db_role, request_id, patient_id, action_type, view, outcome)
       SELECT $1::timestamptz, $2, 'nurse', 'phi_nurse', gen_random_uuid(), $3, 'READ', 'chart-summary', 'ALLOWED' FROM generate_series(1, 10001)`,
      [minute(700), nadia, randomUUID()],
    )
    expect(await search({}, { from: minute(699), to: minute(701) })).toMatchObject({
      count: 10_000,
      isMany: true,
      activity: null,
    })
  })
})

describe('who may ask', () => {
  test('nobody but a compliance officer with a living session, and the refusal is on record', async () => {
    for (const role of ['nurse', 'clinician', 'billing', 'admin', 'patient', 'proxy'] as const) {
      const actor = records.actors[role]
      expect(await searchTrail(actor, filter(), { scope: 'x', order: newest, after: null })).toBeNull()
      expect(await openActorTimeline(actor, nadia, { month: undefined, after: null })).toBeNull()
      expect(await openClinicActivity(actor)).toBeNull()
      expect(await openTrailEntry(actor, rows[0] ?? '', minute(1))).toBeNull()
      expect(await listTrailViews(actor, [])).toEqual([])
      const [refusal] = await records.raw(
        `SELECT outcome FROM audit.security_event_log WHERE event_type = 'AUDIT_SEARCH' AND actor_user_id = $1 ORDER BY seq DESC LIMIT 1`,
        [actor.accountId],
      )
      expect(refusal).toEqual({ outcome: 'REFUSED' })
    }
    const gone = { ...carla, sessionToken: 'x'.repeat(43) }
    expect(await searchTrail(gone, filter(), { scope: 'x', order: newest, after: null })).toBeNull()
  })

  test('the clinic’s activity is counted by days of its own clocks, refused attempts apart', async () => {
    const criteria = { from: minute(-1440), to: minute(600), zone: 'America/Chicago' }
    const told = await askTrail(carla, 'AUDIT_SEARCH', criteria, (read) => read.clinicActivity())
    const counted = await records.raw(
      `SELECT to_char(date_trunc('day', accessed_at AT TIME ZONE 'America/Chicago'), 'YYYY-MM-DD"T"HH24:MI') AS starts_at,
              count(*)::text AS entries, (count(*) FILTER (WHERE outcome = 'DENIED'))::text AS refused
         FROM audit.patient_phi_audit_log WHERE accessed_at >= $1 AND accessed_at < $2 GROUP BY 1 ORDER BY 1`,
      [criteria.from, criteria.to],
    )
    expect(counted).toEqual([expect.objectContaining({ entries: '6', refused: '1' })])
    expect(told).toEqual(counted.map((day) => ({ unit: 'day', ...day })))
    // Just after midnight in Chicago, and a minute before.
    const [midnight] = await records.raw<{ minutes: number }>(
      `SELECT (extract(epoch FROM (date_trunc('day', $1::timestamptz AT TIME ZONE 'America/Chicago') AT TIME ZONE 'America/Chicago') - $1) / 60)::int AS minutes`,
      [minute(0)],
    )
    const late = midnight?.minutes ?? 0
    await plant([{ at: late }, { at: late - 1 }])
    const days = await askTrail(carla, 'AUDIT_SEARCH', criteria, (read) => read.clinicActivity())
    expect(days?.map((day) => [day.entries, day.refused])).toEqual([
      ['1', '0'],
      ['7', '1'],
    ])
  })

  test('the criteria stand in the log before anything is read, and are what is answered', async () => {
    await search({ role: 'clinician', zone: 'America/Chicago' })
    const [asked] = await records.raw<{ detail: object }>(
      `SELECT detail FROM audit.security_event_log WHERE event_type = 'AUDIT_SEARCH' AND outcome = 'DONE' ORDER BY seq DESC LIMIT 1`,
    )
    expect(asked?.detail).toEqual({
      from: minute(0),
      to: minute(600),
      role: 'clinician',
      zone: 'America/Chicago',
      limit: 51,
    })
    for (const reader of [
      'read_trail',
      'count_trail',
      'trail_activity',
      'clinic_activity',
      'read_trail_event',
      'read_trail_seal',
    ])
      await expect(records.cast.sql.app.query(`SELECT audit.${reader}($1)`, [randomUUID()])).rejects.toThrow(
        'no committed record',
      )
    await expect(records.cast.sql.app.query(`SELECT audit.trail_conditions('{}')`)).rejects.toThrow(
      'permission denied',
    )
    // A search of records reads no other log: what it says is all that was read by it.
    expect(
      await records.raw(`SELECT p.proname FROM pg_proc p WHERE p.pronamespace = 'audit'::regnamespace
        AND p.prosrc LIKE '%trail_criteria(p_request, ''AUDIT_SEARCH'')%' AND p.prosrc LIKE '%security_event_log%'`),
    ).toEqual([])
  })
})

describe('one entry, one patient, one person', () => {
  test('an entry comes with its request, the five minutes around it, its explanation and its seal', async () => {
    const detail = await openTrailEntry(carla, rows[1] ?? '', minute(2))
    expect(detail?.entry).toMatchObject({
      logId: rows[1],
      explanation: ['E1'],
      isExplained: true,
      isEmergency: false,
    })
    expect(detail?.sameRequest.map((entry) => entry.logId)).toEqual([rows[5]])
    expect(detail?.related).toEqual([])
    expect(detail?.isCut).toBe(false)
    expect(detail?.seal).toBeNull()
    expect(
      (await openTrailEntry(carla, rows[0] ?? '', minute(1)))?.related.map((entry) => entry.logId),
    ).toEqual(at(2, 3, 4, 5))
    expect(await openTrailEntry(carla, randomUUID(), minute(1))).toBeNull()
    expect(await openTrailEntry(carla, `x'`, `now`)).toBeNull()
  })

  test('timelines show a month of one patient, whom no address names, and of one person', async () => {
    const month = minute(0).slice(0, 7)
    const place = { logId: rows[2] ?? '', at: minute(3) }
    const ofPatient = await openPatientTimeline(carla, place, { month, after: null })
    expect(ofPatient?.page.entries.map((entry) => entry.logId)).toEqual(at(5, 2))
    expect(ofPatient?.subject).toMatch(/^P-[0-9A-Z]{10}$/)
    const ofActor = await openActorTimeline(carla, ines, { month, after: null })
    expect(ofActor).toMatchObject({ subject: 'Ines Moreau', month })
    expect(ofActor && ids(ofActor.page)).toEqual(at(1))
    expect(await openActorTimeline(carla, 'x', { month, after: null })).toBeNull()
    expect(
      await openPatientTimeline(carla, { logId: randomUUID(), at: minute(3) }, { month, after: null }),
    ).toBeNull()
  })
})

describe('kept searches', () => {
  const started = async (text: string): Promise<string> => {
    const outcome = await startQuerySearch(carla, text)
    if (outcome.kind !== 'started') throw new Error(outcome.problems[0]?.message)
    return outcome.filterId
  }

  test('a typed query opens as the form that it stands for', async () => {
    const id = await started(`who:"Nadia Osei" -outcome:ALLOWED last:7d zone:UTC`)
    const opened = await openTrailSearch(carla, id, newest, null)
    expect(opened).toMatchObject({
      kind: 'answered',
      form: { actor: nadia, outcome: '-ALLOWED', period: '7d', zone: 'UTC' },
    })
    expect(await startQuerySearch(carla, 'action:LOOK')).toMatchObject({
      kind: 'problems',
      problems: [{ field: 'query' }],
    })
  })

  test('an empty answer says how far the trail was verified', async () => {
    const id = await started('field:nothing from:2026-11-01T00:00 to:2026-11-01T01:00')
    expect(await openTrailSearch(carla, id, newest, null)).toMatchObject({
      kind: 'answered',
      assurance: null,
    })
    await records.raw(
      `INSERT INTO audit.seal_incarnation (incarnation, origin, verifier_key, genesis) VALUES (1, 'o', 'k', 'g')`,
    )
    await records.raw(
      `INSERT INTO audit.verification (incarnation, mode, tree_size, ok, findings, sealed_through, started_at) VALUES (1, 'full', 7, true, 0, $1, now())`,
      [minute(6)],
    )
    expect(await openTrailSearch(carla, id, newest, null)).toMatchObject({
      assurance: { size: 7, ok: true, through: minute(6) },
    })
  })

  test('a view is its maker’s until it is shared; it runs anew; only its maker changes it', async () => {
    const carlo = records.actorOf(await records.cast.signIn('compliance', 'Carlo'))
    const id = await started('outcome:DENIED last:24h')
    expect(
      await saveTrailView(carla, { filterId: id, name: '  Refused, last day ', isShared: false }),
    ).toBeNull()
    expect(await saveTrailView(carla, { filterId: id, name: ' ', isShared: false })).toMatchObject({
      field: 'name',
    })
    expect(await saveTrailView(carlo, { filterId: id, name: 'not his', isShared: false })).toMatchObject({
      field: 'name',
    })
    const [view] = await listTrailViews(carla, [])
    expect(view).toMatchObject({
      name: 'Refused, last day',
      query: 'outcome:DENIED last:24h zone:America/Chicago',
      isOwn: true,
      isShared: false,
    })
    const viewId = view?.id ?? ''
    expect(await listTrailViews(carlo, [])).toEqual([])
    expect(await runTrailView(carlo, viewId)).toBeNull()
    expect(await changeTrailView(carlo, viewId, 'share')).toMatch(/somebody else/)
    expect(await changeTrailView(carla, viewId, 'share')).toBeNull()
    expect(await listTrailViews(carlo, [])).toMatchObject([
      { isOwn: false, isShared: true, ownerName: 'Carla Nwosu' },
    ])
    const ran = await runTrailView(carlo, viewId)
    expect(await openTrailSearch(carlo, ran, newest, null)).toMatchObject({
      kind: 'answered',
      form: { outcome: 'DENIED' },
    })
    expect(await changeTrailView(carlo, viewId, 'remove')).not.toBeNull()
    expect(await changeTrailView(carla, viewId, 'remove')).toBeNull()
    expect(await runTrailView(carla, viewId)).toBeNull()
    expect(
      await saveTrailView(records.actors.admin, { filterId: id, name: 'x', isShared: true }),
    ).toMatchObject({ field: 'name' })
    const events = await records.raw<{ event_type: string; outcome: string }>(
      `SELECT event_type, outcome FROM audit.security_event_log WHERE event_type LIKE 'TRAIL_VIEW%' ORDER BY seq`,
    )
    expect(events.map((event) => `${event.event_type} ${event.outcome}`)).toEqual([
      'TRAIL_VIEW_SAVED DONE', 'TRAIL_VIEW_CHANGED REFUSED', 'TRAIL_VIEW_CHANGED DONE', 'TRAIL_VIEW_CHANGED REFUSED', 'TRAIL_VIEW_CHANGED DONE',
    ]) // prettier-ignore
  })

  test('the web login reaches views by the functions alone, and its sweep leaves them', async () => {
    const id = await started('last:24h')
    expect(await saveTrailView(carla, { filterId: id, name: 'Stays', isShared: false })).toBeNull()
    const { app } = records.cast.sql
    expect((await app.query(`SELECT FROM app.saved_filter WHERE kind = 'trail-view'`)).rowCount).toBe(0)
    expect((await app.query(`DELETE FROM app.saved_filter WHERE kind = 'trail-view'`)).rowCount).toBe(0)
    await expect(
      app.query(
        `INSERT INTO app.saved_filter (id, account_id, kind, content_sealed) SELECT gen_random_uuid(), $1, 'trail-view', content_sealed FROM app.saved_filter LIMIT 1`,
        [carla.accountId],
      ),
    ).rejects.toThrow('row-level security')
    await records.raw(`UPDATE app.saved_filter SET created_at = now() - interval '9 days'`)
    await saveFilter(carla, 'trail', {})
    expect(await listTrailViews(carla, [])).toHaveLength(1)
    const [stored] = await records.raw<{ text: string }>(
      `SELECT f::text AS text FROM app.saved_filter f WHERE kind = 'trail-view'`,
    )
    expect(stored?.text).not.toContain('Stays')
  })
})
