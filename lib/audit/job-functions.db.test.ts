import { randomUUID } from 'node:crypto'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { admit, asUnit, fakeCiphertext, makeDoorCast, type Cast } from '#lib/testing/door-cast.ts'

// What would be lost if these failed: whoever took the password of the worker's login, or of the web process, would learn
// who has a record and what is in it, or whose is being changed, without being anybody and without a line written.

let cast: Cast
const jobs = ['import', 'people', 'key-rotation', 'search-index', 'key-shredding', 'watch', 'mail'] as const
type Job = (typeof jobs)[number]
const tokens = new Map<Job, string>()
beforeAll(async () => {
  cast = await makeDoorCast()
  for (const job of jobs) {
    const { rows } = await cast.sql.worker.query<{ token: string }>(
      'SELECT app.service_session_open($1) AS token',
      [job],
    )
    tokens.set(job, rows[0]?.token ?? '')
  }
})
afterAll(() => cast.close())

const codeOf = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => 'done',
    (error: unknown) => (error instanceof pg.DatabaseError ? (error.code ?? 'no code') : String(error)),
  )
const asJob = (job: Job, text: string, ...values: unknown[]) =>
  cast.sql.worker.query(text, [tokens.get(job), ...values])
const others = (...of: Job[]): Job[] => jobs.filter((job) => !of.includes(job))

describe('what the worker can call', () => {
  test('takes the token of a session, but for what tells nothing of anybody', async () => {
    const { rows } = await cast.sql.superuser.query<{ called: string }>(`
      SELECT p.oid::regprocedure::text AS called FROM pg_proc p
       WHERE p.pronamespace IN ('app'::regnamespace, 'audit'::regnamespace, 'phi'::regnamespace) AND p.prosecdef
         AND has_function_privilege('vigil_worker', p.oid, 'EXECUTE') AND coalesce(p.proargnames[1], '') <> 'p_token' ORDER BY 1`)
    expect(rows.map(({ called }) => called)).toEqual([
      // which periodic job is due, and how it ended: names and times
      'app.job_finished(text,text)',
      'app.jobs_claim(text[],integer[],boolean)',
      // how many letters wait, and whether one does: nothing of whose
      'app.mail_status()',
      'app.mail_sweep()',
      'app.mail_waits()',
      'app.now()',
      // takes counts away that hold nobody up any more; answers with a number
      'app.rate_limit_sweep()',
      'app.service_session_open(text)',
      'app.worker_status()',
      'audit.anchor_status()',
      // says what is over, reminds; answers with a number
      'audit.break_glass_sweep()',
      // of those whom the caller names: whether the record is destroyed
      'audit.destroyed(uuid[])',
      'audit.ensure_partitions(integer)',
      // An export that an officer asked for, and where it is large a second one agreed to: its rows, while it is being made,
      // and nothing when no such export runs (lib/oversight/exports, tried in lib/ops/work).
      'audit.export_archives(uuid,integer)',
      'audit.export_fail(uuid,integer,text)',
      'audit.export_files_removed()',
      'audit.export_finish(uuid,integer,bigint,bigint,bytea,uuid,text)',
      'audit.export_forget_archived()',
      'audit.export_progress(uuid,integer,bigint)',
      'audit.export_put_archived(uuid,integer,uuid,jsonb)',
      'audit.export_rows(uuid,integer,timestamp with time zone,bigint,integer)',
      'audit.export_sweep()',
      'audit.export_take(uuid)',
      // for how many months there is room, and how many years are kept
      'audit.partition_standing()',
      // reminds; answers with a number
      'audit.remind_of_patient_work()',
      'audit.retention_years()',
      // ends, reminds and begins; answers with numbers
      'audit.review_sweep()',
      'audit.root_key_changed_at()',
      'audit.seal_status()',
      // what a process of this login vouched for and did not write: numbers of its own
      'audit.settle_writer(text)',
      // sums over everybody
      'phi.index_census(integer,integer[])',
      'phi.token_versions()',
    ])
  })

  const census = {
    'SELECT * FROM phi.cell_versions($1)': 'key-rotation',
    [`SELECT * FROM phi.plain_left($1, 'observation', 'value')`]: 'key-rotation',
    'SELECT * FROM audit.all_patients($1, NULL, 5)': 'key-rotation',
    'SELECT * FROM audit.lost_patients($1)': 'key-rotation',
    'SELECT audit.count_patients($1)': 'key-rotation',
    [`SELECT * FROM phi.patients_to_index($1, 'names', 2, NULL, 5)`]: 'search-index',
    [`SELECT * FROM phi.patients_to_unindex($1, '{1}', NULL, 5)`]: 'search-index',
    'SELECT audit.destroyed_all($1)': 'key-shredding',
    'SELECT * FROM audit.watch_pending($1, 5)': 'watch',
    [`SELECT * FROM audit.watch_accesses($1, '2026-01-01', 'UTC', '{}')`]: 'watch',
    [`SELECT * FROM audit.watch_actor_days($1, '2026-01-01')`]: 'watch',
    'SELECT * FROM app.mail_take($1)': 'mail',
    [`SELECT app.mail_kept($1, '{}')`]: 'mail',
    [`SELECT app.mail_link_make($1, gen_random_uuid(), sha256('x'))`]: 'mail',
    'SELECT app.mail_sent($1, gen_random_uuid())': 'mail',
    [`SELECT app.mail_failed($1, gen_random_uuid(), '550', true)`]: 'mail',
  } as const satisfies Record<string, Job>
  test.each(Object.entries(census))('%s answers the job %s alone', async (text, job) => {
    expect(await codeOf(asJob(job, text))).toBe('done')
    for (const other of others(job)) expect(await codeOf(asJob(other, text)), other).toBe('42501')
    for (const token of [cast.people.admin.token, 'x', null])
      expect(await codeOf(cast.sql.worker.query(text, [token]))).toBe('42501')
  })

  test('control: the census does name patients to its job', async () => {
    const counted = await asJob('key-rotation', 'SELECT * FROM phi.cell_versions($1)')
    expect(counted.rows.map((row: { patient_id: string }) => row.patient_id)).toContain(cast.maria)
  })

  test('reasons of holds and destructions are for the operator and for the job', async () => {
    const reason = 'a court asked for this record'
    const place = (job: Job) =>
      asJob(job, 'SELECT refusal FROM audit.hold_place($1, $2, $3, NULL)', cast.otto, reason)
    expect((await place('import')).rows).toEqual([{ refusal: 'not-allowed' }])
    await cast.sql.app.query(`SELECT audit.hold_release($1, gen_random_uuid(), $2, NULL)`, [cast.people.nurse.token, reason]) // prettier-ignore
    const refused = await cast.sql.superuser.query(
      `SELECT event_type, actor_role, detail ->> 'refusal' AS refusal FROM audit.security_event_log WHERE event_type ~ '^LEGAL_HOLD' AND outcome = 'REFUSED' ORDER BY seq`,
    )
    expect(refused.rows).toEqual([
      { event_type: 'LEGAL_HOLD_PLACED', actor_role: 'service', refusal: 'not-allowed' },
      { event_type: 'LEGAL_HOLD_RELEASED', actor_role: 'nurse', refusal: 'not-allowed' },
    ])
    expect((await place('people')).rows).toEqual([{ refusal: null }])
    const holds = 'SELECT reason FROM audit.hold_list($1, true)'
    expect((await asJob('people', holds)).rows).toEqual([{ reason }])
    for (const job of others('people')) expect((await asJob(job, holds)).rows, job).toEqual([])
    await cast.sql.superuser.query(
      `INSERT INTO audit.shred_request (patient_id, reason, requested_at, requested_by, expires_at)
       VALUES ($1, $2, app.now(), $3, app.now() + interval '1 day')`,
      [cast.maria, reason, cast.people.admin.accountId],
    )
    const requests = 'SELECT reason FROM audit.shred_list($1, true)'
    expect((await asJob('key-shredding', requests)).rows).toEqual([{ reason }])
    for (const job of others('key-shredding')) expect((await asJob(job, requests)).rows, job).toEqual([])
  })
})

test('who is put into a care team, or stays longer in one, is written down whoever does it', async () => {
  const newcomer = await cast.signIn('nurse', 'Nell Ostrow')
  const told = async () =>
    (
      await cast.sql.superuser.query<Record<string, unknown>>(
        `SELECT db_user, outcome, detail ? 'team' AS team, detail ? 'until' AS until FROM audit.security_event_log
          WHERE event_type = 'CARE_TEAM_CHANGED' AND subject_account_id = $1 ORDER BY seq`,
        [newcomer.accountId],
      )
    ).rows
  expect(await told()).toEqual([])
  await cast.sql.worker.query(
    'INSERT INTO app.care_team_member (care_team_id, account_id) SELECT id, $1 FROM app.care_team LIMIT 1',
    [newcomer.accountId],
  )
  await cast.sql.worker.query('UPDATE app.care_team_member SET ends_at = now() WHERE account_id = $1', [
    newcomer.accountId,
  ])
  const event = { db_user: 'vigil_worker', outcome: 'DONE', team: true }
  expect(await told()).toEqual([
    { ...event, until: false },
    { ...event, until: true },
  ])
})

describe('reading the secrets of accounts', () => {
  const read = (version: string) =>
    asJob('key-rotation', 'SELECT * FROM app.secrets_to_reseal($1, $2, NULL, NULL, 100)', version)
  const events = async () =>
    (
      await cast.sql.superuser.query<{ detail: Record<string, number> }>(
        `SELECT detail FROM audit.security_event_log WHERE event_type = 'ACCOUNT_SECRETS_READ' ORDER BY seq`,
      )
    ).rows.map(({ detail }) => detail)

  test('leaves a security event that says how many of which kind; reading none leaves none', async () => {
    expect((await read('00000001')).rows).toEqual([])
    expect(await events()).toEqual([])
    const { rows } = await read('00000002')
    const kinds = (rows as { kind: string }[]).map(({ kind }) => kind)
    expect(kinds.length).toBeGreaterThan(0)
    const counts = Object.fromEntries(
      [...new Set(kinds)].map((kind) => [kind, kinds.filter((each) => each === kind).length]),
    )
    expect(await events()).toEqual([counts])
  })

  test('is refused for a version that no key can have yet', async () => {
    for (const version of ['ffffffff', '00000100', 'x', '9'])
      expect(await codeOf(read(version))).toBe('22023')
  })
})

describe('locks of one patient', () => {
  /** Advisory locks that are held while a change of Maria's cells is under way, and whether they are `key`. */
  async function duringChange(key: string): Promise<{ locks: number; named: number }> {
    const change = randomUUID()
    await cast.sql.worker.query(
      `SELECT * FROM audit.admit($1, $2, 'UPDATE', 'import', '{"Observation": ["value"]}', $3, NULL, NULL, NULL, NULL, NULL)`,
      [tokens.get('import'), change, [cast.maria]],
    )
    return asUnit(cast.sql.worker, 'phi_job_import', change, async (unit) => {
      await unit.query(
        `SELECT audit.effect($1, 'UPDATE', 'Observation', '{value}', '{}', NULL, jsonb_build_object($2::text, jsonb_build_object('observation.value', 'AAAAAAAAAAAAAAAA')))`,
        [cast.maria, randomUUID()],
      )
      await unit.query('UPDATE phi.observation SET value = $1 WHERE patient_id = $2', [
        fakeCiphertext(),
        cast.maria,
      ])
      const { rows } = await cast.sql.superuser.query<{ locks: number; named: number }>(
        `SELECT count(*)::integer AS locks, (count(*) FILTER (WHERE (classid::bigint << 32 | objid::bigint) = ${key}))::integer AS named
           FROM pg_locks WHERE locktype = 'advisory' AND objsubid = 1 AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`,
      )
      return rows[0] ?? { locks: 0, named: 0 }
    })
  }

  test('have a number that cannot be made from the patient’s id; control: the gate can', async () => {
    for (const seed of [7615, 7616]) {
      const seen = await duringChange(`uuid_hash_extended('${cast.maria}', ${seed})`)
      expect(seen.locks).toBeGreaterThan(0)
      expect(seen.named).toBe(0)
    }
    expect((await duringChange(`audit.lock_key('cells', '${cast.maria}')`)).named).toBe(1)
  })

  test('are seen by no login, their secret is read by the gate alone, and changed by nobody', async () => {
    for (const login of ['app', 'worker', 'auditReader'] as const)
      expect(await codeOf(cast.sql[login].query('SELECT * FROM pg_locks')), login).toBe('42501')
    const { rows } = await cast.sql.superuser.query<{ name: string }>(`
      SELECT rolname AS name FROM pg_roles r WHERE NOT rolsuper AND rolname !~ '^pg_' AND (has_table_privilege(oid, 'audit.lock_secret', 'SELECT')
        OR has_function_privilege(oid, 'audit.lock_key(text, uuid)', 'EXECUTE')) ORDER BY 1`)
    expect(
      rows.map(({ name }) => name).filter((name) => !['audit_gate', 'audit_owner'].includes(name)),
    ).toEqual([])
    expect(await codeOf(cast.sql.superuser.query('DELETE FROM audit.lock_secret'))).not.toBe('done')
    expect(
      await codeOf(cast.sql.superuser.query(`UPDATE audit.lock_secret SET secret = sha256('x')`)),
    ).not.toBe('done')
  })

  test('are held by the job that re-encrypts for those whom it was admitted to, and for nobody else', async () => {
    const hold = 'SELECT audit.try_hold_cells($1) AS held'
    const request = randomUUID()
    await cast.sql.worker.query(
      `SELECT * FROM audit.admit($1, $2, 'UPDATE', 'key-rotation', '{"Observation": ["value"]}', $3, NULL, NULL, NULL, NULL, NULL)`,
      [tokens.get('key-rotation'), request, [cast.maria]],
    )
    const held = await asUnit(cast.sql.worker, 'phi_job_rotate', request, (unit) =>
      unit.query<{ held: string[] }>(hold, [[cast.maria, cast.otto]]),
    )
    expect(held.rows).toEqual([{ held: [cast.maria] }])
    expect(await codeOf(cast.sql.worker.query(hold, [[cast.maria]]))).toBe('42501')
    const { request: look } = await admit(cast.sql.app, cast.people.nurse, 'chart-summary', 'READ', [
      cast.maria,
    ])
    expect(
      await codeOf(asUnit(cast.sql.app, 'phi_nurse', look, (unit) => unit.query(hold, [[cast.maria]]))),
    ).toBe('42501')
  })
})
