import { randomUUID } from 'node:crypto'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Cast, admit, asUnit, fakeCiphertext, makeDoorCast } from '#lib/testing/door-cast.ts'
import { testDatabase } from '#lib/testing/test-database.ts'

// What would be lost if these failed: the one idea of the product. Everything here speaks SQL on the application's own
// login, as a web process that was taken over could.

let cast: Cast
const observations = 'SELECT id, patient_id, value FROM phi.observation'
const fields = { Observation: ['display', 'value'] }

beforeAll(async () => {
  cast = await makeDoorCast()
})
afterAll(() => cast.close())

const rowsOf = async (request: string): Promise<Record<string, unknown>[]> =>
  (
    await cast.sql.superuser.query<Record<string, unknown>>(
      'SELECT * FROM audit.patient_phi_audit_log WHERE request_id = $1 ORDER BY seq',
      [request],
    )
  ).rows

const refused = async (work: Promise<unknown>): Promise<string> => {
  try {
    await work
  } catch (error) {
    return error instanceof pg.DatabaseError ? (error.code ?? 'no code') : String(error)
  }
  return 'it went through'
}

describe('without an admission nothing is shown', () => {
  test.each([
    ['SELECT *', 'SELECT * FROM phi.observation'],
    ['COPY', 'COPY phi.observation TO STDOUT'],
    ['a CTE', 'WITH stolen AS (SELECT * FROM phi.observation) SELECT * FROM stolen'],
    ['EXPLAIN ANALYZE', 'EXPLAIN ANALYZE SELECT * FROM phi.observation'],
    ['a prepared statement', 'PREPARE steal AS SELECT * FROM phi.observation'],
    ['history', 'SELECT * FROM phi.row_history'],
    ['tokens', 'SELECT * FROM phi.search_token'],
    ['the log itself', 'SELECT * FROM audit.patient_phi_audit_log'],
    ['secrets of accounts', 'SELECT totp_secret_sealed FROM app.account'],
    ['sessions', 'SELECT * FROM app.session'],
  ])('the bare web login is refused: %s', async (_, statement) => {
    expect(await refused(cast.sql.app.query(statement))).toBe('42501')
  })

  test('an assumed role without a request sees no row, and the planner tells nothing of values', async () => {
    for (const role of ['phi_nurse', 'phi_clinician', 'phi_patient', 'phi_proxy']) {
      await asUnit(cast.sql.app, role, '', async (unit) => {
        expect((await unit.query(observations)).rows).toEqual([])
      })
    }
    await asUnit(cast.sql.app, 'phi_nurse', '', async (unit) => {
      const statistics = await unit.query(`SELECT * FROM pg_stats WHERE schemaname = 'phi'`)
      expect(statistics.rows).toEqual([])
    })
  })

  test('a made-up request id shows nothing, and neither does one of another role', async () => {
    const admission = await admit(
      cast.sql.app,
      cast.people.nurse,
      'chart-results',
      'READ',
      [cast.maria],
      fields,
    )
    expect(admission.database_role).toBe('phi_nurse')
    for (const [role, request] of [
      ['phi_nurse', randomUUID()],
      ['phi_clinician', admission.request],
      ['phi_patient', admission.request],
    ] as const) {
      await asUnit(cast.sql.app, role, request, async (unit) =>
        expect((await unit.query(observations)).rows).toEqual([]),
      )
    }
    // the control: the very same statement with the right role and request finds the row
    await asUnit(cast.sql.app, 'phi_nurse', admission.request, async (unit) =>
      expect((await unit.query(observations)).rows).toHaveLength(1),
    )
  })
})

describe('an admission', () => {
  test('opens exactly the patients it names, and says who, whom, what and why', async () => {
    const admission = await admit(
      cast.sql.app,
      cast.people.nurse,
      'chart-results',
      'READ',
      [cast.maria],
      fields,
    )
    await asUnit(cast.sql.app, 'phi_nurse', admission.request, async (unit) => {
      const rows = (await unit.query<{ patient_id: string }>(observations)).rows
      expect(rows.map((row) => row.patient_id)).toEqual([cast.maria])
    })
    const [row] = await rowsOf(admission.request)
    expect(row).toMatchObject({
      actor_user_id: cast.people.nurse.accountId, actor_role: 'nurse', patient_id: cast.maria, action_type: 'READ', view: 'chart-results',
      outcome: 'ALLOWED', purpose: 'TREAT', relation: 'care', changed_fields: fields, client_ip: '10.0.0.7', db_role: 'phi_nurse',
    }) // prettier-ignore
  })

  test('that is not committed shows nothing, and rolling back in any order leaves no row read without its record', async () => {
    const request = randomUUID()
    await cast.sql.app.query('BEGIN')
    await cast.sql.app.query(`SELECT audit.admit($1, $2, 'READ', 'chart-results', $3, $4, NULL, NULL, NULL, NULL, NULL)`, [
      cast.people.nurse.token, request, JSON.stringify(fields), [cast.maria],
    ]) // prettier-ignore
    await cast.sql.app.query(
      `SELECT set_config('role', 'phi_nurse', true), set_config('vigil.request', $1, true)`,
      [request],
    )
    expect((await cast.sql.app.query(observations)).rows).toEqual([])
    await cast.sql.app.query('SAVEPOINT s')
    expect((await cast.sql.app.query(observations)).rows).toEqual([])
    await cast.sql.app.query('ROLLBACK')
    expect(await rowsOf(request)).toEqual([])

    const committed = await admit(
      cast.sql.app,
      cast.people.nurse,
      'chart-results',
      'READ',
      [cast.maria],
      fields,
    )
    await cast.sql.app.query('BEGIN')
    await cast.sql.app.query(
      `SELECT set_config('role', 'phi_nurse', true), set_config('vigil.request', $1, true)`,
      [committed.request],
    )
    expect((await cast.sql.app.query(observations)).rows).toHaveLength(1)
    await cast.sql.app.query('ROLLBACK')
    expect(await rowsOf(committed.request)).toHaveLength(1)
  })

  test('lives 15 seconds', async () => {
    // Its entry in the trail is what it lives by: as if that had been written so many seconds ago.
    const rowsAfter = async (seconds: number) => {
      const { nurse } = cast.people
      const admission = await admit(cast.sql.app, nurse, 'chart-results', 'READ', [cast.maria], fields)
      await cast.sql.superuser.query(`SET session_replication_role = 'replica'`)
      await cast.sql.superuser.query(
        'UPDATE audit.patient_phi_audit_log SET accessed_at = accessed_at - make_interval(secs => $2) WHERE request_id = $1',
        [admission.request, seconds],
      )
      await cast.sql.superuser.query(`SET session_replication_role = 'origin'`)
      return asUnit(cast.sql.app, 'phi_nurse', admission.request, (unit) => unit.query(observations))
    }
    expect((await rowsAfter(5)).rows, 'control').toHaveLength(1)
    expect((await rowsAfter(15)).rows).toEqual([])
  })

  test('serves one unit of work: its request id cannot be admitted again for somebody else', async () => {
    const admission = await admit(
      cast.sql.app,
      cast.people.nurse,
      'chart-results',
      'READ',
      [cast.maria],
      fields,
    )
    const again = cast.sql.app.query(`SELECT audit.admit($1, $2, 'READ', 'chart-results', '{}', $3, NULL, NULL, NULL, NULL, NULL)`, [
      cast.people.clinician.token, admission.request, [cast.maria],
    ]) // prettier-ignore
    expect(await refused(again)).toBe('22023')
  })

  test('is refused while a commit may be reported before it is durable', async () => {
    await cast.sql.app.query('SET synchronous_commit = off')
    expect(await refused(admit(cast.sql.app, cast.people.nurse, 'chart-results', 'READ', [cast.maria]))).toBe(
      '55000',
    )
    await cast.sql.app.query('RESET synchronous_commit')
  })

  test('holds no more than an entry of the trail needs, even when it would be refused', async () => {
    const big = { Patient: ['x'.repeat(30_000)] }
    expect(
      await refused(admit(cast.sql.app, cast.people.admin, 'chart-results', 'READ', [cast.maria], big)),
    ).toBe('22023')
    expect(await refused(admit(cast.sql.app, cast.people.admin, 'x'.repeat(400), 'READ', [cast.maria]))).toBe(
      '22023',
    )
  })

  test('takes 1 to 50 patients', async () => {
    const many = Array.from({ length: 51 }, () => randomUUID())
    for (const patients of [[], many])
      expect(await refused(admit(cast.sql.app, cast.people.nurse, 'chart-results', 'READ', patients))).toBe(
        '22023',
      )
  })
})

describe('refusals are written down with their reason', () => {
  test.each([
    ['a nurse, a patient of nobody', 'nurse', 'chart-results', 'otto', 'no-relation'],
    ['billing, a note', 'billing', 'chart-notes', 'maria', 'no-policy'],
    ['an administrator, a chart', 'admin', 'chart-summary', 'maria', 'no-policy'],
    ['compliance, a chart', 'compliance', 'chart-summary', 'maria', 'no-policy'],
    ['a patient, somebody else', 'patient', 'my-results', 'otto', 'no-relation'],
    ['a proxy, a part that was not granted', 'proxy', 'my-notes', 'maria', 'no-relation'],
  ] as const)('%s', async (_, role, view, patient, reason) => {
    const admission = await admit(cast.sql.app, cast.people[role], view, 'READ', [cast[patient]])
    expect(admission).toMatchObject({ admitted: [], database_role: null, denied_reason: reason })
    const [row] = await rowsOf(admission.request)
    expect(row).toMatchObject({
      outcome: 'DENIED',
      reason,
      actor_user_id: cast.people[role].accountId,
      patient_id: cast[patient],
    })
  })

  test('a field outside the view refuses the whole unit', async () => {
    const admission = await admit(cast.sql.app, cast.people.nurse, 'chart-results', 'READ', [cast.maria], {
      Patient: ['ssn'],
    })
    expect(admission.denied_reason).toBe('fields-outside-view')
  })

  test('an unknown token is a security event, since there is nobody to name', async () => {
    const admission = await admit(cast.sql.app, { token: 'nonsense' }, 'chart-results', 'READ', [cast.maria])
    expect(admission.denied_reason).toBe('no-session')
    const events = await cast.sql.superuser.query(
      'SELECT event_type, outcome FROM audit.security_event_log WHERE request_id = $1',
      [admission.request],
    )
    expect(events.rows).toEqual([{ event_type: 'ADMISSION_REFUSED', outcome: 'REFUSED' }])
  })

  test('of a list, only the patients in relation are admitted and each refusal has its row', async () => {
    const admission = await admit(cast.sql.app, cast.people.nurse, 'care-worklist', 'READ', [
      cast.maria,
      cast.otto,
    ])
    expect(admission.admitted).toEqual([cast.maria])
    expect(
      (await rowsOf(admission.request)).map((row) => [row['patient_id'], row['outcome']]).toSorted(),
    ).toEqual(
      [
        [cast.maria, 'ALLOWED'],
        [cast.otto, 'DENIED'],
      ].toSorted(),
    )
  })
})

describe('a session that is over has no power on the very next access', () => {
  const reasonAfter = async (
    change: (person: { accountId: string; token: string }) => Promise<unknown>,
  ): Promise<string | null> => {
    const person = await cast.signIn('billing', 'Somebody Leaving')
    expect(
      (await admit(cast.sql.app, person, 'billing-account', 'READ', [cast.maria])).denied_reason,
    ).toBeNull()
    await change(person)
    return (await admit(cast.sql.app, person, 'billing-account', 'READ', [cast.maria])).denied_reason
  }
  const session = (person: { accountId: string }, column: string, value: string): Promise<unknown> =>
    cast.sql.superuser.query(`UPDATE app.session SET ${column} = ${value} WHERE account_id = $1`, [
      person.accountId,
    ])

  test('signed out', async () => {
    expect(
      await reasonAfter((p) => cast.sql.app.query(`SELECT app.session_end($1, 'sign-out')`, [p.token])),
    ).toBe('session-ended')
  })
  test('idle for 15:00; at 14:59 it still works', async () => {
    expect(
      await reasonAfter((p) => session(p, 'last_active_at', `now() - interval '14 minutes 58 seconds'`)),
    ).toBeNull()
    expect(
      await reasonAfter((p) => session(p, 'last_active_at', `now() - interval '15 minutes 2 milliseconds'`)),
    ).toBe('session-idle')
  })
  test('locked', async () => {
    expect(await reasonAfter((p) => cast.sql.app.query('SELECT app.session_lock($1)', [p.token]))).toBe(
      'session-locked',
    )
  })
  test('past its absolute life', async () => {
    expect(await reasonAfter((p) => session(p, 'expires_at', `now() - interval '1 second'`))).toBe(
      'session-expired',
    )
  })
  test('ended by the administrator', async () => {
    expect(
      await reasonAfter(async (p) => {
        const open = await cast.sql.superuser.query<{ id: string }>(
          'SELECT id FROM app.session WHERE account_id = $1',
          [p.accountId],
        )
        return cast.sql.app.query('SELECT app.session_end_other($1, $2)', [
          cast.people.admin.token,
          open.rows[0]?.id,
        ])
      }),
    ).toBe('session-ended')
  })
  test('demoted', async () => {
    expect(
      await reasonAfter((p) =>
        cast.sql.app.query(`SELECT app.account_set_role($1, $2, 'admin')`, [
          cast.people.admin.token,
          p.accountId,
        ]),
      ),
    ).toBe('session-ended')
  })
  test('deactivated', async () => {
    expect(
      await reasonAfter((p) =>
        cast.sql.app.query('SELECT app.account_deactivate($1, $2)', [cast.people.admin.token, p.accountId]),
      ),
    ).toBe('session-ended')
  })
  test("a job's session is worth nothing on the web login", async () => {
    const opened = await cast.sql.worker.query<{ token: string }>(
      `SELECT app.service_session_open('import') AS token`,
    )
    const admission = await admit(cast.sql.app, { token: opened.rows[0]?.token ?? '' }, 'import', 'READ', [
      cast.maria,
    ])
    expect(admission.denied_reason).toBe('session-ended')
  })
})

describe('a change', () => {
  const insert = `INSERT INTO phi.observation (id, patient_id, kind, status, display, value) VALUES (gen_random_uuid(), $1, 'vital-signs', 'final', $2, $3)`
  const values = (): string[] => [cast.maria, fakeCiphertext(), fakeCiphertext()]
  const effect = (unit: pg.Client, patient = cast.maria): Promise<unknown> =>
    unit.query(`SELECT audit.effect($1, 'CREATE', 'Observation', '{display,value}', '{status}', NULL)`, [
      patient,
    ])

  test('needs its effect row in its own transaction', async () => {
    const admission = await admit(
      cast.sql.app,
      cast.people.nurse,
      'vitals-entry',
      'CREATE',
      [cast.maria],
      fields,
    )
    expect(
      await refused(
        asUnit(cast.sql.app, 'phi_nurse', admission.request, (unit) => unit.query(insert, values())),
      ),
    ).toBe('42501')
    await asUnit(cast.sql.app, 'phi_nurse', admission.request, async (unit) => {
      await effect(unit)
      await unit.query(insert, values())
    })
    expect((await rowsOf(admission.request)).map((row) => row['outcome'])).toEqual(['ALLOWED', 'EFFECT'])
  })

  test('that is rolled back leaves its admission and no effect', async () => {
    const admission = await admit(
      cast.sql.app,
      cast.people.nurse,
      'vitals-entry',
      'CREATE',
      [cast.maria],
      fields,
    )
    const failing = asUnit(cast.sql.app, 'phi_nurse', admission.request, async (unit) => {
      await effect(unit)
      await unit.query(`${insert} RETURNING id`, values())
      throw new Error('the work failed')
    })
    expect(await refused(failing)).toContain('the work failed')
    expect((await rowsOf(admission.request)).map((row) => row['outcome'])).toEqual(['ALLOWED'])
  })

  test('cannot be made with an admission to read, for another patient, or beyond the admitted fields', async () => {
    const reading = await admit(cast.sql.app, cast.people.nurse, 'vitals-entry', 'READ', [cast.maria], fields)
    expect(await refused(asUnit(cast.sql.app, 'phi_nurse', reading.request, effect))).toBe('42501')
    const writing = await admit(
      cast.sql.app,
      cast.people.nurse,
      'vitals-entry',
      'CREATE',
      [cast.maria],
      fields,
    )
    expect(
      await refused(asUnit(cast.sql.app, 'phi_nurse', writing.request, (unit) => effect(unit, cast.otto))),
    ).toBe('42501')
    const beyond = asUnit(cast.sql.app, 'phi_nurse', writing.request, (unit) =>
      unit.query(`SELECT audit.effect($1, 'CREATE', 'Observation', '{unit}', '{}', NULL)`, [cast.maria]),
    )
    expect(await refused(beyond)).toBe('42501')
  })

  test('can carry no value into the trail by way of a field name', async () => {
    const writing = await admit(
      cast.sql.app,
      cast.people.nurse,
      'vitals-entry',
      'CREATE',
      [cast.maria],
      fields,
    )
    const smuggled = asUnit(cast.sql.app, 'phi_nurse', writing.request, (unit) =>
      unit.query(`SELECT audit.effect($1, 'CREATE', 'Observation', '{}', ARRAY['born 1979-04-02'], NULL)`, [
        cast.maria,
      ]),
    )
    expect(await refused(smuggled)).toBe('42501')
  })

  test('keeps the version that it replaced, and says who wrote each', async () => {
    const writing = await admit(
      cast.sql.app,
      cast.people.nurse,
      'vitals-entry',
      'UPDATE',
      [cast.maria],
      fields,
    )
    const updated = await asUnit(cast.sql.app, 'phi_nurse', writing.request, async (unit) => {
      await unit.query(`SELECT audit.effect($1, 'UPDATE', 'Observation', '{value}', '{}', NULL)`, [
        cast.maria,
      ])
      const result = await unit.query<{ id: string; version: number; updated_by: string }>(
        `UPDATE phi.observation SET value = $1 WHERE id = (SELECT id FROM phi.observation WHERE kind = 'laboratory' LIMIT 1) RETURNING id, version, updated_by`,
        [fakeCiphertext()],
      )
      return result.rows[0]
    })
    expect(updated).toMatchObject({ version: 2, updated_by: cast.people.nurse.accountId })
    const history = await cast.sql.superuser.query(
      'SELECT version, patient_id FROM phi.row_history WHERE row_id = $1',
      [updated?.id],
    )
    expect(history.rows).toEqual([{ version: 1, patient_id: cast.maria }])
  })

  test('can never hang on another patient', async () => {
    const claimOfOtto = (
      await cast.sql.superuser.query<{ id: string }>('SELECT id FROM phi.claim WHERE patient_id = $1', [
        cast.otto,
      ])
    ).rows[0]?.id
    const crossing = cast.sql.superuser.query(
      `INSERT INTO phi.payment (id, patient_id, claim_id, status, paid_at, amount, created_by, updated_by) VALUES (gen_random_uuid(), $1, $2, 'received', now(), $3, $1, $1)`,
      [cast.maria, claimOfOtto, fakeCiphertext()],
    )
    expect(['23503', '23502']).toContain(await refused(crossing))
  })

  test('in plain text is refused by the domain, and the refusal repeats nothing of the row', async () => {
    const { urls } = await testDatabase()
    const client = new pg.Client({ connectionString: urls.superuser })
    await client.connect()
    const error = await client.query(`UPDATE phi.observation SET value = 'potassium 5.6'`).then(
      () => null,
      (e: unknown) => e,
    )
    await client.end()
    expect(error).toBeInstanceOf(pg.DatabaseError)
    expect(JSON.stringify(error)).not.toContain('5.6')
    expect((error as pg.DatabaseError).code).toBe('23514')
  })
})

describe('notes', () => {
  const versions = 'SELECT class, status, author_id FROM phi.note_version'
  const write = async (
    who: 'nurse' | 'clinician',
    noteClass: string,
    status: 'draft' | 'signed',
    author = cast.people[who].accountId,
  ): Promise<string> => {
    const writing = await admit(cast.sql.app, cast.people[who], 'note-writing', 'CREATE', [cast.maria], {
      NoteVersion: ['title', 'body'],
    })
    return refused(
      asUnit(cast.sql.app, `phi_${who}`, writing.request, async (unit) => {
        await unit.query(`SELECT audit.effect($1, 'CREATE', 'Note', '{}', '{}', NULL)`, [cast.maria])
        await unit.query(`SELECT audit.effect($1, 'CREATE', 'NoteVersion', '{title,body}', '{}', NULL)`, [
          cast.maria,
        ])
        const id = randomUUID()
        const signedAt = status === 'signed' ? new Date() : null
        await unit.query(
          `INSERT INTO phi.note (id, patient_id, class, status, author_id, authored_at, signed_at, current_version) VALUES ($1, $2, $3, $4, $5, now(), $6, 1)`,
          [id, cast.maria, noteClass, status, author, signedAt],
        )
        await unit.query(
          `INSERT INTO phi.note_version (id, patient_id, note_id, class, number, status, author_id, written_at, signed_at, title, body) VALUES (gen_random_uuid(), $1, $2, $3, 1, $4, $5, now(), $6, $7, $8)`,
          [cast.maria, id, noteClass, status, author, signedAt, fakeCiphertext(), fakeCiphertext()],
        )
      }),
    )
  }
  const seenBy = async (person: { token: string; role: string }, view: string): Promise<string[]> => {
    const reading = await admit(cast.sql.app, person, view, 'READ', [cast.maria])
    return asUnit(cast.sql.app, reading.database_role ?? '', reading.request, async (unit) =>
      (await unit.query<{ class: string; status: string }>(versions)).rows
        .map((row) => `${row.class} ${row.status}`)
        .toSorted(),
    )
  }

  test('each class and draft is seen by whom it is for, and by nobody else', async () => {
    for (const noteClass of ['mental-health', 'substance-use', 'psychotherapy'])
      expect(await write('clinician', noteClass, 'signed')).toBe('it went through')
    expect(await write('clinician', 'clinical', 'draft')).toBe('it went through')
    expect(await write('nurse', 'clinical', 'draft')).toBe('it went through')
    expect(await seenBy(cast.people.nurse, 'chart-notes')).toEqual(['clinical draft', 'clinical signed'])
    expect(await seenBy(cast.people.clinician, 'chart-notes')).toEqual([
      'clinical draft',
      'clinical signed',
      'mental-health signed',
      'psychotherapy signed',
      'substance-use signed',
    ])
    expect(await seenBy(cast.people.patient, 'my-notes')).toEqual([
      'clinical signed',
      'mental-health signed',
      'substance-use signed',
    ])
  })

  test('nobody writes in another name, and a nurse writes clinical notes', async () => {
    expect(await write('nurse', 'clinical', 'draft', cast.people.clinician.accountId)).toBe('42501')
    expect(await write('nurse', 'psychotherapy', 'draft')).toBe('42501')
  })

  test('a signed text cannot be changed by its own author', async () => {
    const writing = await admit(cast.sql.app, cast.people.clinician, 'note-writing', 'UPDATE', [cast.maria], {
      NoteVersion: ['title', 'body'],
    })
    const changing = asUnit(cast.sql.app, 'phi_clinician', writing.request, async (unit) => {
      await unit.query(`SELECT audit.effect($1, 'UPDATE', 'NoteVersion', '{body}', '{}', NULL)`, [cast.maria])
      await unit.query(`UPDATE phi.note_version SET body = $1 WHERE status = 'signed'`, [fakeCiphertext()])
    })
    expect(await refused(changing)).toBe('23514')
  })
})

describe('searching', () => {
  test('finds by keyed token, admits what it found, and writes a SEARCH row for each; no hit is an event', async () => {
    const token = Buffer.from(randomUUID())
    await cast.sql.superuser.query(
      `INSERT INTO phi.search_token (patient_id, column_id, key_version, token, row_id) VALUES ($1, 'patient.family-name', 1, $3, $1), ($2, 'patient.family-name', 1, $3, $2)`,
      [cast.maria, cast.otto, token],
    )
    const search = async (
      person: { token: string },
      view: string,
      wanted: Buffer,
    ): Promise<{ request: string; row: Record<string, unknown> | undefined }> => {
      const request = randomUUID()
      const result = await cast.sql.app.query<Record<string, unknown>>('SELECT * FROM audit.search($1, $2, $3, $4, $5, $6, NULL)', [
        person.token, request, view, '{}', ['patient.family-name'], [wanted],
      ]) // prettier-ignore
      return { request, row: result.rows[0] }
    }
    const byNurse = await search(cast.people.nurse, 'patient-search', token)
    expect(byNurse.row).toMatchObject({ admitted: [cast.maria], database_role: 'phi_nurse', match_count: 1 })
    expect((await rowsOf(byNurse.request)).map((row) => [row['action_type'], row['outcome']])).toEqual([
      ['SEARCH', 'ALLOWED'],
    ])
    const byCompliance = await search(cast.people.compliance, 'patient-picker', token)
    expect(byCompliance.row).toMatchObject({ match_count: 2, database_role: 'none' })
    expect((await search(cast.people.admin, 'patient-search', token)).row).toMatchObject({
      denied_reason: 'no-policy',
      match_count: 0,
    })
    const nothing = await search(cast.people.nurse, 'patient-search', Buffer.from('no such token'))
    const events = await cast.sql.superuser.query(
      'SELECT event_type FROM audit.security_event_log WHERE request_id = $1',
      [nothing.request],
    )
    expect(events.rows).toEqual([{ event_type: 'PATIENT_SEARCH_NO_MATCH' }])
  })
})

describe('searching among many', () => {
  const token = Buffer.from('0123456789')
  const find = (columns: unknown[], view = 'patient-search') =>
    cast.sql.app.query<{ admitted: string[]; match_count: number }>(
      `SELECT * FROM audit.search($1, gen_random_uuid(), $2, '{}', $3, $4, NULL)`,
      [cast.people.nurse.token, view, columns, columns.map(() => token)],
    )

  test('finds one’s own patient though thousands of others share the token', async () => {
    await cast.sql.superuser.query(`SET session_replication_role = replica`)
    await cast.sql.superuser.query(
      `INSERT INTO phi.search_token (patient_id, column_id, key_version, token, row_id)
       SELECT p, 'patient.family-name', 1, $1, p FROM (SELECT gen_random_uuid() AS p FROM generate_series(1, 4000) UNION ALL SELECT $2) q`,
      [token, cast.maria],
    )
    await cast.sql.superuser.query(`SET session_replication_role = DEFAULT`)
    expect((await find(['patient.family-name'])).rows).toMatchObject([
      { admitted: [cast.maria], match_count: 1 },
    ])
  })

  test('puts nothing into the trail but names of columns', async () => {
    for (const columns of [['Maria Santos, 1980'], [`patient.${'x'.repeat(80)}`], [null]])
      await expect(find(columns)).rejects.toMatchObject({ code: '22023' })
    await expect(find(['patient.family-name'], 'v'.repeat(101))).rejects.toMatchObject({ code: '22023' })
    await expect(
      cast.sql.app.query(`SELECT audit.security_event($1, 'AREA_REFUSED', $2)`, [
        cast.people.nurse.token,
        JSON.stringify({ words: 'x'.repeat(3000) }),
      ]),
    ).rejects.toMatchObject({ code: '22023' })
  })
})

describe('reading the trail', () => {
  const criteria = {
    from: new Date(Date.now() - 3_600_000).toISOString(),
    to: new Date(Date.now() + 60_000).toISOString(),
  }
  const admitTrail = async (person: { token: string }, request: string): Promise<string | null> =>
    (await cast.sql.app.query<{ r: string | null }>(`SELECT audit.admit_trail($1, $2, 'AUDIT_SEARCH', $3, NULL) AS r`, [person.token, request, JSON.stringify({ ...criteria, patients: [cast.maria] })])).rows[0]?.r ?? null // prettier-ignore

  test('is written down before it is answered, with the criteria it is answered by', async () => {
    const request = randomUUID()
    expect(await refused(cast.sql.app.query('SELECT * FROM audit.read_trail($1)', [request]))).toBe('42501')
    expect(await admitTrail(cast.people.compliance, request)).toBeNull()
    const rows = (
      await cast.sql.app.query<Record<string, unknown>>('SELECT * FROM audit.read_trail($1)', [request])
    ).rows
    expect(rows.length).toBeGreaterThan(3)
    expect(new Set(rows.map((row) => row['patient_id']))).toEqual(new Set([cast.maria]))
    const events = await cast.sql.superuser.query<{ detail: object }>(
      `SELECT detail FROM audit.security_event_log WHERE request_id = $1`,
      [request],
    )
    expect(events.rows[0]?.detail).toMatchObject({ patients: [cast.maria] })
  })

  test('is refused to everybody but compliance, and the refusal is on record', async () => {
    for (const role of ['nurse', 'clinician', 'billing', 'admin', 'patient', 'proxy'] as const) {
      const request = randomUUID()
      expect(await admitTrail(cast.people[role], request)).toBe('no-policy')
      expect(await refused(cast.sql.app.query('SELECT * FROM audit.read_trail($1)', [request]))).toBe('42501')
    }
  })

  test('a patient sees who looked, by name, after being admitted to that view', async () => {
    const reading = await admit(cast.sql.app, cast.people.patient, 'my-access-log', 'READ', [cast.maria])
    const rows = await asUnit(
      cast.sql.app,
      'phi_patient',
      reading.request,
      async (unit) =>
        (
          await unit.query<Record<string, unknown>>(`SELECT * FROM audit.who_looked($1, $2)`, [
            criteria.from,
            criteria.to,
          ])
        ).rows,
    )
    expect(
      rows.some(
        (row) =>
          row['actor_name'] === 'Nadia Osei' &&
          row['view'] === 'chart-results' &&
          row['outcome'] === 'ALLOWED',
      ),
    ).toBe(true)
    const other = await admit(cast.sql.app, cast.people.patient, 'my-home', 'READ', [cast.maria])
    await asUnit(cast.sql.app, 'phi_patient', other.request, async (unit) =>
      expect(
        (await unit.query('SELECT * FROM audit.who_looked($1, $2)', [criteria.from, criteria.to])).rows,
      ).toEqual([]),
    )
  })
})
