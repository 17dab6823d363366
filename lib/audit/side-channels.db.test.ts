import { randomUUID } from 'node:crypto'
import pg from 'pg'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { type Cast, admit, asUnit, makeDoorCast } from '#lib/testing/door-cast.ts'
import { testDatabase } from '#lib/testing/test-database.ts'
import { untilBlocked } from '#lib/testing/until-blocked.ts'

// What would be lost if these failed: rows that nobody was admitted to would be told a bit at a time, by whether a
// policy was asked at all, or a person would read with another's rights. Each statement is one that worked once.

let cast: Cast
const scans = 'SET LOCAL enable_indexscan = off; SET LOCAL enable_indexonlyscan = off; SET LOCAL enable_bitmapscan = off' // prettier-ignore

beforeAll(async () => {
  cast = await makeDoorCast()
})
afterEach(() => cast.sql.app.query('ROLLBACK'))
afterAll(() => cast.close())

const codeOf = async (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => 'it went through',
    (error: unknown) => (error instanceof pg.DatabaseError ? (error.code ?? 'no code') : String(error)),
  )

/** Assumes a role for a request, scans tables from end to end, and keeps the transaction open. */
async function begin(role: string, request: string): Promise<void> {
  await cast.sql.app.query('BEGIN')
  await cast.sql.app.query(scans)
  await cast.sql.app.query(`SELECT set_config('role', $1, true), set_config('vigil.request', $2, true)`, [
    role,
    request,
  ])
}

describe('a condition on rows of others tells nothing', () => {
  const conditions = (): string[] => [
    `phi.note WHERE patient_id = '${cast.otto}' AND class = 'clinical'`,
    `phi.note WHERE patient_id = '${cast.otto}' AND status = 'amended'`,
    `phi.patient WHERE id = '${cast.otto}' AND family_name::text >= 'phi1.00000001.-'`,
    `phi.patient WHERE id = '${cast.otto}' AND family_name::text < 'phi1.00000001.-'`,
  ]

  test('by an error of the gate, which is one for all conditions', async () => {
    const answers = new Set<string>()
    for (const condition of conditions()) {
      await begin('phi_nurse', 'not an id')
      answers.add(await codeOf(cast.sql.app.query(`SELECT 1 FROM ${condition}`)))
      await cast.sql.app.query('ROLLBACK')
    }
    expect([...answers]).toEqual(['it went through'])
  })

  test('by an error that a statement brings about after the gate has opened', async () => {
    const answers = new Set<string>()
    for (const status of ['signed', 'amended']) {
      const { request } = await admit(cast.sql.app, cast.people.nurse, 'chart-notes', 'READ', [cast.maria])
      await begin('phi_nurse', request)
      answers.add(
        await codeOf(
          cast.sql.app.query(
            `SELECT 1 FROM phi.note WHERE patient_id = '${cast.otto}' AND status = '${status}'
                AND class = (SELECT CASE WHEN set_config('vigil.request', 'not an id', true) <> '' THEN 'clinical' END)`,
          ),
        ),
      )
      await cast.sql.app.query('ROLLBACK')
    }
    expect([...answers]).toEqual(['it went through'])
  })

  test('by a message of the planner', async () => {
    const { request } = await admit(cast.sql.app, cast.people.nurse, 'chart-notes', 'READ', [cast.maria])
    const heard = async (condition: string): Promise<number> => {
      let count = 0
      const listen = (): void => {
        count += 1
      }
      await begin('phi_nurse', request)
      await cast.sql.app.query('SET LOCAL client_min_messages = debug1')
      await cast.sql.app.query('SET LOCAL debug_print_plan = on')
      await cast.sql.app.query('DISCARD PLANS')
      cast.sql.app.on('notice', listen)
      await cast.sql.app.query(`SELECT 1 FROM ${condition}`)
      cast.sql.app.off('notice', listen)
      await cast.sql.app.query('ROLLBACK')
      return count
    }
    const [found, missed] = conditions()
    expect(await heard(found ?? '')).toBe(await heard(missed ?? ''))
  })

  test('by EXPLAIN, however it is sent, for it counts the rows that were taken away', async () => {
    for (const request of [
      randomUUID(),
      (await admit(cast.sql.app, cast.people.nurse, 'chart-notes', 'READ', [cast.maria])).request,
    ]) {
      await begin('phi_nurse', request)
      const statement = `eXpLaIn (ANALYZE) SELECT 1 FROM ${conditions()[0] ?? ''}`
      expect(await codeOf(cast.sql.app.query(statement))).toBe('42501')
      await cast.sql.app.query('ROLLBACK')
      await begin('phi_nurse', request)
      await cast.sql.app.query(`PREPARE look AS SELECT 1 FROM ${conditions()[0] ?? ''}`)
      expect(await codeOf(cast.sql.app.query('EXPLAIN ANALYZE EXECUTE look'))).toBe('42501')
      await cast.sql.app.query('ROLLBACK')
      await cast.sql.app.query('DEALLOCATE ALL')
    }
  })

  test('for the gate is asked first, whatever the costs that a login tells the planner', async () => {
    // EXPLAIN is refused by the gate itself, so a refusal shows that the gate was asked before any condition held.
    for (const cost of ['0', '0.0025', '1000']) {
      for (const condition of [...conditions(), 'phi.patient WHERE NOT active']) {
        await begin('phi_nurse', '')
        await cast.sql.app.query(`SET LOCAL cpu_operator_cost = ${cost}`)
        const statement = `EXPLAIN ANALYZE SELECT 1 FROM ${condition}`
        expect(await codeOf(cast.sql.app.query(statement)), `${cost} ${condition}`).toBe('42501')
        await cast.sql.app.query('ROLLBACK')
      }
    }
  })

  test('and tokens of names cannot be compared', async () => {
    await begin('phi_nurse', '')
    expect(await codeOf(cast.sql.app.query(`SELECT FROM phi.search_token WHERE token > '\\x00'`))).toBe(
      '42501',
    )
  })
})

describe('what could hide or count is closed to every login', () => {
  test('anonymous blocks, and counters of rows', async () => {
    expect(await codeOf(cast.sql.app.query('DO $$ BEGIN NULL; END $$'))).toBe('42501')
    for (const view of ['pg_stat_xact_user_tables', 'pg_stat_user_tables', 'pg_statio_user_tables', 'pg_stat_user_indexes'])
      expect(await codeOf(cast.sql.app.query(`SELECT * FROM ${view}`)), view).toBe('42501') // prettier-ignore
  })
})

describe('one request, one person, one role', () => {
  test('a statement that changes its role while it runs does not read with the grants of the one it began with', async () => {
    const { request } = await admit(cast.sql.app, cast.people.billing, 'billing-account', 'READ', [
      cast.maria,
    ])
    const read = (from: string, as: string): Promise<pg.QueryResult> =>
      asUnit(cast.sql.app, from, request, (unit) =>
        unit.query(
          `SELECT p.family_name FROM (SELECT set_config('role', '${as}', true) OFFSET 0) s CROSS JOIN phi.patient p`,
        ),
      )
    expect((await read('phi_billing_identity', 'phi_billing')).rows).toEqual([])
    expect((await read('phi_clinician', 'phi_billing')).rows).toEqual([])
    // the control: without the change the row is there
    expect((await read('phi_billing', 'phi_billing')).rows).toHaveLength(1)
  })

  test('two people cannot be admitted under one request id, whatever snapshot the second one reads from', async () => {
    const { urls } = await testDatabase()
    const second = new pg.Client({ connectionString: urls.app })
    await second.connect()
    const ask = (client: pg.Client, token: string, request: string): Promise<pg.QueryResult> =>
      client.query(`SELECT * FROM audit.admit($1, $2, 'READ', 'chart-notes', '{}', $3, NULL, NULL, NULL, NULL, NULL)`, [
        token, request, [cast.maria],
      ]) // prettier-ignore
    try {
      const old = randomUUID()
      await second.query('BEGIN ISOLATION LEVEL REPEATABLE READ')
      await second.query('SELECT 1 FROM app.care_team')
      await ask(cast.sql.app, cast.people.clinician.token, old)
      expect(await codeOf(ask(second, cast.people.nurse.token, old))).toBe('25001')
      await second.query('ROLLBACK')

      const raced = randomUUID()
      await cast.sql.app.query('BEGIN')
      await ask(cast.sql.app, cast.people.clinician.token, raced)
      const late = codeOf(ask(second, cast.people.nurse.token, raced))
      await untilBlocked(cast.sql.superuser)
      await cast.sql.app.query('COMMIT')
      expect(await late).toBe('22023')
    } finally {
      await second.end()
    }
  })
})

test('a signed note cannot be made a draft again, which would hide it', async () => {
  const author = cast.people.clinician
  const note = randomUUID()
  const create = await admit(cast.sql.app, author, 'note-writing', 'CREATE', [cast.maria])
  await asUnit(cast.sql.app, 'phi_clinician', create.request, async (unit) => {
    await unit.query(`SELECT audit.effect($1, 'CREATE', 'Note', '{}', '{status}', $2)`, [cast.maria, note])
    await unit.query(
      `INSERT INTO phi.note (id, patient_id, class, status, author_id, authored_at, signed_at) VALUES ($1, $2, 'clinical', 'signed', $3, now(), now())`,
      [note, cast.maria, author.accountId],
    )
  })
  const change = await admit(cast.sql.app, author, 'note-writing', 'UPDATE', [cast.maria])
  const set = (status: string): Promise<unknown> =>
    asUnit(cast.sql.app, 'phi_clinician', change.request, async (unit) => {
      await unit.query(`SELECT audit.effect($1, 'UPDATE', 'Note', '{}', '{status}', $2)`, [cast.maria, note])
      const signed = status === 'draft' ? 'NULL' : 'signed_at'
      await unit.query(`UPDATE phi.note SET status = '${status}', signed_at = ${signed} WHERE id = $1`, [
        note,
      ])
    })
  expect(await codeOf(set('draft'))).toBe('23514')
  expect(await codeOf(set('amended'))).toBe('it went through')
})

test('a change is not carried by the effect row of another one', async () => {
  const entry = await admit(cast.sql.app, cast.people.nurse, 'vitals-entry', 'CREATE', [cast.maria])
  const write = (model: string, action: string): Promise<unknown> =>
    asUnit(cast.sql.app, 'phi_nurse', entry.request, async (unit) => {
      await unit.query(`SELECT audit.effect($1, $2, $3, '{}', '{}', NULL)`, [cast.maria, action, model])
      await unit.query(
        `INSERT INTO phi.note (id, patient_id, class, status, author_id, authored_at) VALUES (gen_random_uuid(), $1, 'clinical', 'draft', $2, now())`,
        [cast.maria, cast.people.nurse.accountId],
      )
    })
  expect(await codeOf(write('Observation', 'CREATE'))).toBe('42501')
  expect(await codeOf(write('Note', 'UPDATE'))).toBe('42501')
  // the control
  expect(await codeOf(write('Note', 'CREATE'))).toBe('it went through')
})
