import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  admit,
  asUnit,
  fakeCiphertext,
  makeDoorCast,
  type Cast,
  type CastMember,
} from '#lib/testing/door-cast.ts'
import { initialiseKeyStore } from '#lib/keys/initialise-key-store.ts'
import { closeProcessKeyStore } from '#lib/keys/process-key-store.ts'
import { endPools } from '#lib/db/pools.ts'
import { env } from '#lib/env.ts'
import { watchAccesses } from './watch-accesses.ts'

// What would be lost if these failed: somebody looks where they have no business, and nobody is told; or the one who is told
// is the one who looked.

let cast: Cast
let carl: CastMember
const going = new AbortController().signal
const raw = async <Row extends object>(text: string, ...values: unknown[]): Promise<Row[]> =>
  (await cast.sql.superuser.query<Row & Record<string, unknown>>(text, values)).rows
/** A row of a record, past the trigger that names whoever is admitted. */
const plantRow = async (text: string, ...values: unknown[]): Promise<void> => {
  await raw('SET session_replication_role = replica')
  await raw(text, ...values)
  await raw('RESET session_replication_role')
}
const app = async (text: string, ...values: unknown[]): Promise<unknown> =>
  Object.values((await cast.sql.app.query<Record<string, unknown>>(text, values)).rows[0] ?? {})[0]
const mark = (who: { token: string }, patient: string, kind: string, account: string | null = null) =>
  app(
    `SELECT audit.watch_mark_set($1, $2, $3, $4, $5, NULL)`,
    who.token,
    randomUUID(),
    patient,
    kind,
    account,
  )
const decide = (who: { token: string }, id: string, kind: string, days: number | null = null) =>
  app(
    `SELECT audit.case_decide($1, $2, $3, $4, $5, $6, $7, NULL)`,
    who.token,
    id,
    kind,
    days,
    randomUUID(),
    fakeCiphertext(),
    randomUUID(),
  )
const endMark = (who: { token: string }, id: string | undefined) =>
  app('SELECT audit.watch_mark_end($1, $2, NULL)', who.token, id)
const prove = (who: CastMember, secondsAgo: number) =>
  raw(
    `UPDATE app.session SET second_factor_at = app.now() - make_interval(secs => $2) WHERE account_id = $1`,
    who.accountId,
    secondsAgo,
  )
const listed = async (
  who: { token: string },
  state = 'OPEN',
): Promise<{ id: string; patient_id: string | null; actor_id: string }[]> => {
  const request = randomUUID()
  expect(
    await app(
      `SELECT audit.admit_watch($1, $2, 'CASES_LISTED', $3, NULL)`,
      who.token,
      request,
      JSON.stringify({ state }),
    ),
  ).toBeNull()
  return (
    await cast.sql.app.query<{ id: string; patient_id: string | null; actor_id: string }>(
      'SELECT * FROM audit.read_cases($1)',
      [request],
    )
  ).rows
}
const explanations = () =>
  raw<{ actor_id: string; patient_id: string; tags: string[]; is_explained: boolean }>(
    'SELECT actor_id, patient_id, tags, is_explained FROM audit.access_explanation',
  )
const open = (person: CastMember, patient: string, view = 'chart-summary') =>
  admit(cast.sql.app, person, view, 'READ', [patient])
const tagsOf = async (person: CastMember, patient: string): Promise<string[] | undefined> =>
  (await explanations()).find((row) => row.actor_id === person.accountId && row.patient_id === patient)?.tags

beforeAll(async () => {
  cast = await makeDoorCast()
  await initialiseKeyStore(env)
  carl = await cast.signIn('compliance', 'Carl Wendt')
})
afterAll(async () => {
  await endPools()
  await closeProcessKeyStore()
  await cast.close()
})

describe('the job', () => {
  test('explains nothing where nothing is documented, and does not take a list for a choice', async () => {
    const { nurse, clinician, compliance } = cast.people
    await open(nurse, cast.maria)
    await open(clinician, cast.maria, 'care-worklist')
    expect(await mark(compliance, cast.maria, 'CONFIDENTIAL')).toBeNull()
    await watchAccesses(going)
    expect(await tagsOf(nurse, cast.maria)).toEqual([])
    expect(await tagsOf(clinician, cast.maria)).toBeUndefined()
    expect((await listed(compliance)).map((each) => [each.actor_id, each.patient_id])).toEqual([
      [nurse.accountId, cast.maria],
    ])
    const notices = await raw(`SELECT kind FROM app.notice WHERE account_id = $1`, compliance.accountId)
    expect(notices).toEqual([{ kind: 'watch-case' }])
  })

  test('finds the same again without a second case, and withdraws it when care turns up', async () => {
    const { nurse, compliance } = cast.people
    await watchAccesses(going)
    expect(await listed(compliance, 'ALL')).toHaveLength(1)
    await plantRow(
      `INSERT INTO phi.encounter (id, patient_id, status, started_at, created_by, updated_by)
       SELECT gen_random_uuid(), $1, 'finished', now() - interval '2 days', gen_random_uuid(), gen_random_uuid()`, cast.maria) // prettier-ignore
    await watchAccesses(going)
    // the nurse's team cares for Maria, and she was here
    expect(await tagsOf(nurse, cast.maria)).toEqual(['E2'])
    expect(await listed(compliance)).toEqual([])
    expect(await raw('SELECT rank FROM audit.watch_case WHERE withdrawn_at IS NOT NULL')).toHaveLength(1)
  })

  test('takes a search for an emergency for finding, which a visit explains', async () => {
    const { nurse, clinician } = cast.people
    const desk = async (person: CastMember) => {
      const { rows } = await cast.sql.worker.query<{
        actor_id: string
        patient_id: string
        is_desk_work: boolean
      }>(
        `SELECT * FROM audit.watch_accesses(app.service_session_open('watch'), (clock_timestamp() AT TIME ZONE 'UTC')::date, 'UTC', '{}')`,
      )
      return rows.find((row) => row.actor_id === person.accountId && row.patient_id === cast.otto)
        ?.is_desk_work
    }
    for (const person of [nurse, clinician])
      await plantRow(
        `INSERT INTO audit.patient_phi_audit_log SELECT (jsonb_populate_record(l, jsonb_build_object('log_id', gen_random_uuid(), 'view', 'emergency-search',
           'action_type', 'SEARCH', 'patient_id', $2::uuid, 'accessed_at', clock_timestamp()))).*
           FROM audit.patient_phi_audit_log l WHERE l.actor_user_id = $1 AND l.outcome = 'ALLOWED' LIMIT 1`,
        person.accountId,
        cast.otto,
      )
    expect(await desk(nurse)).toBe(true)
    // control: who opens the chart as well does more than find
    await plantRow(
      `INSERT INTO audit.patient_phi_audit_log SELECT (jsonb_populate_record(l, jsonb_build_object('log_id', gen_random_uuid(), 'view', 'chart-summary',
         'action_type', 'READ', 'patient_id', $2::uuid, 'accessed_at', clock_timestamp()))).*
         FROM audit.patient_phi_audit_log l WHERE l.actor_user_id = $1 AND l.outcome = 'ALLOWED' LIMIT 1`,
      clinician.accountId,
      cast.otto,
    )
    expect(await desk(clinician)).toBe(false)
  })

  test('knows a claim that is worked on, and one’s own entries', async () => {
    const { nurse, billing } = cast.people
    await plantRow(`INSERT INTO phi.claim (id, patient_id, status, submitted_at, created_by, updated_by)
       SELECT gen_random_uuid(), $1, 'active', now() - interval '9 days', gen_random_uuid(), gen_random_uuid()`, cast.otto) // prettier-ignore
    await admit(cast.sql.app, billing, 'billing-account', 'READ', [cast.otto])
    const admitted = await admit(cast.sql.app, nurse, 'vitals-entry', 'CREATE', [cast.maria], {
      Observation: ['value'],
    })
    await asUnit(cast.sql.app, 'phi_nurse', admitted.request, (unit) =>
      unit.query(`SELECT audit.effect($1, 'CREATE', 'Observation', ARRAY['value'], '{}', NULL)`, [
        cast.maria,
      ]),
    )
    await watchAccesses(going)
    expect(await tagsOf(billing, cast.otto)).toEqual(['E5'])
    expect(await tagsOf(nurse, cast.maria)).toEqual(['E2', 'E3'])
  })

  test('answers nobody but itself', async () => {
    for (const text of [
      'SELECT * FROM audit.watch_pending($1, 5)',
      `SELECT * FROM audit.watch_accesses($1, current_date, 'UTC', '{}')`,
      'SELECT * FROM audit.watch_actor_days($1, current_date)',
      'SELECT * FROM audit.watch_history($1, current_date)',
      'SELECT * FROM audit.watch_norms($1, current_date)',
      `SELECT audit.watch_keep($1, current_date, true, '[]', '[]', '[]', '[]')`,
    ]) {
      await expect(cast.sql.worker.query(text, [cast.people.compliance.token]), text).rejects.toMatchObject({
        code: '42501',
      })
      await expect(cast.sql.app.query(text, [cast.people.compliance.token]), text).rejects.toMatchObject({
        code: '42501',
      })
    }
  })

  test('leaves a settled day alone, and goes on after being killed between two days', async () => {
    await raw(
      `INSERT INTO audit.watch_run (day, actors, cases) VALUES ((clock_timestamp() AT TIME ZONE 'UTC')::date - 4, 0, 0)`,
    )
    const stopped = new AbortController()
    stopped.abort()
    await watchAccesses(stopped.signal)
    await watchAccesses(going)
    const days = await raw<{ day: string }>(
      `SELECT ((clock_timestamp() AT TIME ZONE 'UTC')::date - day)::text AS day FROM audit.watch_run ORDER BY 1`,
    )
    expect(days).toEqual([{ day: '3' }, { day: '4' }])
    expect(
      await raw(`SELECT detail FROM audit.security_event_log WHERE event_type = 'ACCESSES_WATCHED'`),
    ).toHaveLength(1)
  })
})

describe('a case', () => {
  const plant = async (actor: string, patient: string | null, day = 0): Promise<string> =>
    (await raw<{ id: string }>(
      `INSERT INTO audit.watch_case (actor_id, patient_id, day, score, findings, tags, rank)
       VALUES ($1, $2, (clock_timestamp() AT TIME ZONE 'UTC')::date - $3::integer, 6, '[{"rule":"D5","weight":5,"numbers":{}}]', '{}', 1) RETURNING id`,
      actor, patient, day))[0]?.id ?? '' // prettier-ignore

  test('is not shown to the one whom it is about, who looked or whose record it is, and not decided by them', async () => {
    const { compliance, clinician } = cast.people
    const byCarla = await plant(compliance.accountId, cast.otto, 10)
    expect(await mark(carl, cast.otto, 'STAFF', carl.accountId)).toBeNull()
    const ofCarl = await plant(clinician.accountId, cast.otto, 10)
    const ids = async (who: CastMember) => (await listed(who, 'ALL')).map(({ id }) => id)
    expect(await ids(compliance)).not.toContain(byCarla)
    expect(await ids(compliance)).toContain(ofCarl)
    expect(await ids(carl)).not.toContain(ofCarl)
    expect(await decide(compliance, byCarla, 'EXPLAINED')).toBe('no-such-case')
    expect(await decide(carl, ofCarl, 'EXPLAINED')).toBe('no-such-case')
    expect(
      await endMark(
        carl,
        (await raw<{ id: string }>(`SELECT id FROM audit.watch_mark WHERE kind = 'STAFF'`))[0]?.id,
      ),
    ).toBe('your-own')
    // control: somebody else may
    expect(await decide(compliance, ofCarl, 'EXPLAINED')).toBeNull()
  })

  test('is decided, and a record marked, with a second factor of the last five minutes alone', async () => {
    const officer = await cast.signIn('compliance', 'Uta Late')
    const id = await plant(cast.people.clinician.accountId, randomUUID(), 12)
    await prove(officer, 301)
    for (const kind of ['EXPLAINED', 'ESCALATED', 'SUPPRESSED'])
      expect(await decide(officer, id, kind, kind === 'SUPPRESSED' ? 90 : null), kind).toBe('code-too-old')
    expect(await mark(officer, cast.otto, 'CONFIDENTIAL')).toBe('code-too-old')
    const held = await raw<{ id: string }>(
      `SELECT id FROM audit.watch_mark WHERE kind = 'CONFIDENTIAL' AND patient_id = $1`,
      cast.maria,
    )
    expect(held).toHaveLength(1)
    expect(await endMark(officer, held[0]?.id)).toBe('code-too-old')
    const refused = await raw(
      `SELECT event_type, count(*)::integer AS n FROM audit.security_event_log
        WHERE actor_user_id = $1 AND outcome = 'REFUSED' AND detail ->> 'reason' = 'code-too-old' GROUP BY 1 ORDER BY 1`,
      officer.accountId,
    )
    expect(refused).toEqual([
      { event_type: 'CASE_DECIDED', n: 3 },
      { event_type: 'WATCH_MARK_ENDED', n: 1 },
      { event_type: 'WATCH_MARK_SET', n: 1 },
    ])
    // nothing happened: no decision, no incident, no reason kept, the mark still holds
    expect(await raw('SELECT FROM audit.watch_decision WHERE case_id = $1', id)).toEqual([])
    expect(await raw('SELECT FROM audit.incident WHERE source_id = $1', id)).toEqual([])
    expect(await raw('SELECT FROM audit.watch_mark WHERE noted_by = $1', officer.accountId)).toEqual([])
    expect(await raw('SELECT FROM audit.watch_mark WHERE ended_by = $1', officer.accountId)).toEqual([])
    // control: the same officer, the same questions, a code of just now
    await prove(officer, 60)
    expect(await decide(officer, id, 'EXPLAINED')).toBeNull()
    expect(await mark(officer, cast.otto, 'CONFIDENTIAL')).toBeNull()
    expect(await endMark(officer, held[0]?.id)).toBeNull()
  })

  test('is decided once, also by two officers at the same moment, and every attempt is on record', async () => {
    const id = await plant(cast.people.clinician.accountId, cast.maria, 11)
    const other = await cast.signIn('compliance', 'Ida Berg')
    const answers = await Promise.all([
      decide(cast.people.compliance, id, 'EXPLAINED'),
      decide(other, id, 'SUPPRESSED', 30),
    ])
    expect(answers.toSorted()).toEqual(['decided-already', null].toSorted())
    const noted = await raw<{ outcome: string }>(
      `SELECT outcome FROM audit.security_event_log WHERE event_type = 'CASE_DECIDED' AND detail ->> 'case' = $1 ORDER BY outcome`,
      id,
    )
    expect(noted.map(({ outcome }) => outcome)).toEqual(['DONE', 'REFUSED'])
    await expect(raw('UPDATE audit.watch_decision SET kind = kind')).rejects.toMatchObject({ code: '42501' })
    await expect(raw('DELETE FROM audit.watch_case')).rejects.toMatchObject({ code: '42501' })
  })

  test('is kept back while the same is suppressed, for that person and record alone', async () => {
    const { compliance, nurse } = cast.people
    const first = await plant(nurse.accountId, cast.otto, 20)
    expect(await decide(compliance, first, 'SUPPRESSED', 91)).toBe('days-out-of-range')
    expect(await decide(compliance, first, 'SUPPRESSED', null)).toBe('days-out-of-range')
    expect(await decide(compliance, first, 'SUPPRESSED', 30)).toBeNull()
    const [again, elsewhere] = [
      await plant(nurse.accountId, cast.otto, 5),
      await plant(nurse.accountId, randomUUID(), 5),
    ]
    const found = (await listed(compliance)).map(({ id }) => id)
    expect(found).not.toContain(again)
    expect(found).toContain(elsewhere)
  })

  test.each(['nurse', 'clinician', 'billing', 'admin', 'patient', 'proxy'] as const)(
    'is nothing for a %s',
    async (role) => {
      const person = cast.people[role]
      const request = randomUUID()
      expect(
        await app(`SELECT audit.admit_watch($1, $2, 'CASES_LISTED', '{}', NULL)`, person.token, request),
      ).toBe('no-policy')
      await expect(cast.sql.app.query('SELECT * FROM audit.read_cases($1)', [request])).rejects.toMatchObject(
        { code: '42501' },
      )
      const id = await plant(cast.people.clinician.accountId, randomUUID(), 30)
      expect(await decide(person, id, 'EXPLAINED')).toBe('not-allowed')
      expect(await mark(person, cast.maria, 'CONFIDENTIAL')).toBe('not-allowed')
      expect(await app('SELECT audit.open_cases($1)', person.token)).toBe(0)
    },
  )

  test('is nothing for a session that is over, or that nobody ever had', async () => {
    const gone = await cast.signIn('compliance', 'Gone Already')
    await raw(
      "UPDATE app.session SET last_active_at = last_active_at - interval '16 minutes' WHERE account_id = $1",
      gone.accountId,
    )
    const id = await plant(cast.people.clinician.accountId, randomUUID(), 31)
    expect(await decide(gone, id, 'EXPLAINED')).toBe('session-idle')
    expect(await decide({ token: 'x' }, id, 'EXPLAINED')).toBe('no-session')
    expect(await app(`SELECT audit.admit_watch('x', gen_random_uuid(), 'CASE_OPENED', '{}', NULL)`)).toBe(
      'no-session',
    )
  })

  test('answers what was asked for in a committed request, and to no older one', async () => {
    const [today] = await raw<{ id: string }>(
      `SELECT id FROM audit.watch_case WHERE actor_id = $1 AND patient_id = $2 AND day = (clock_timestamp() AT TIME ZONE 'UTC')::date`,
      cast.people.nurse.accountId,
      cast.maria,
    )
    const id = today?.id ?? ''
    const request = randomUUID()
    await app(
      `SELECT audit.admit_watch($1, $2, 'CASE_OPENED', $3, NULL)`,
      cast.people.compliance.token,
      request,
      JSON.stringify({ case: id }),
    )
    const one = await cast.sql.app.query('SELECT * FROM audit.read_case($1)', [request])
    expect(one.rows).toMatchObject([{ id, actor_name: 'Nadia Osei', state: 'WITHDRAWN' }])
    const accesses = await cast.sql.app.query<{ patient_id: string }>(
      'SELECT * FROM audit.read_case_accesses($1)',
      [request],
    )
    expect(accesses.rows.length).toBeGreaterThan(0)
    expect(accesses.rows.every((row) => row.patient_id === cast.maria)).toBe(true)
    await expect(cast.sql.app.query('SELECT * FROM audit.read_cases($1)', [request])).rejects.toMatchObject({
      code: '42501',
    })
    await expect(
      cast.sql.app.query('SELECT * FROM audit.read_case($1)', [randomUUID()]),
    ).rejects.toMatchObject({ code: '42501' })
  })
})

test('a member of staff who opens their own record is reported', async () => {
  const { nurse, compliance } = cast.people
  expect(await mark(compliance, cast.maria, 'STAFF', nurse.accountId)).toBeNull()
  expect(await mark(compliance, cast.maria, 'STAFF', nurse.accountId)).toBe('marked-already')
  await open(nurse, cast.maria)
  const request = randomUUID()
  await app(`SELECT audit.admit_watch($1, $2, 'OWN_RECORDS_REPORTED', '{}', NULL)`, compliance.token, request)
  const { rows } = await cast.sql.app.query('SELECT * FROM audit.read_own_records($1)', [request])
  expect(rows).toMatchObject([{ actor_name: 'Nadia Osei', patient_id: cast.maria }])
})
