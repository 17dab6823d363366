import { randomUUID } from 'node:crypto'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { breakGlassSteps, type BreakGlassSteps } from '#lib/testing/break-glass-steps.ts'
import { admit, asUnit, fakeCiphertext, makeDoorCast, type Cast, type CastMember } from '#lib/testing/door-cast.ts' // prettier-ignore
import { testDatabase } from '#lib/testing/test-database.ts'

let cast: Cast
let steps: BreakGlassSteps
let number: Buffer
beforeAll(async () => {
  cast = await makeDoorCast()
  steps = breakGlassSteps(cast)
  number = await steps.giveNumber(cast.otto)
})
afterAll(async () => cast.close())

const raw = async <T extends object>(text: string, values: unknown[] = []): Promise<T[]> =>
  (await cast.sql.superuser.query<T>(text, values)).rows
const eventsOf = (person: { accountId: string }) =>
  raw<{ event_type: string; outcome: string; detail: Record<string, unknown> }>(
    `SELECT event_type, outcome, detail FROM audit.security_event_log WHERE actor_user_id = $1 AND event_type ~ 'BREAK_GLASS' ORDER BY seq`,
    [person.accountId],
  )
const reasons = async (person: { accountId: string }) =>
  (await eventsOf(person)).flatMap(({ outcome, detail }) => (outcome === 'REFUSED' ? [detail['reason']] : []))

let words = 0
/** Somebody new who has broken the glass for Otto. */
async function opened(role: 'nurse' | 'clinician' = 'clinician', patient = cast.otto) {
  const person = await cast.signIn(role, 'Nell Ostrow')
  if (patient === cast.otto) await steps.find(person, number)
  const { lease } = await steps.request(person, patient, `some words ${words++}`)
  await steps.prove(person)
  expect(await steps.open(person, lease)).toBeNull()
  return { person, lease }
}

describe('finding somebody who is not one’s own', () => {
  test('answers with an opaque reference that shows no row, and stands in the patient’s trail', async () => {
    const person = await cast.signIn('nurse', 'Nell Ostrow')
    const found = await steps.find(person, number)
    expect(found).toEqual({ admitted: [cast.otto], denied_reason: null, database_role: 'none' })
    expect(
      await raw('SELECT view, action_type, purpose, changed_fields, db_role FROM audit.patient_phi_audit_log WHERE actor_user_id = $1', [person.accountId]),
    ).toEqual([{ view: 'emergency-search', action_type: 'SEARCH', purpose: 'ETREAT', changed_fields: {}, db_role: 'none' }]) // prettier-ignore
    const { denied_reason } = await admit(cast.sql.app, person, 'chart-summary', 'READ', [cast.otto])
    expect(denied_reason).toBe('no-relation')
  })

  test.each([
    [['patient.family-name']],
    [['patient.given-name', 'patient.family-name']],
    [['patient.birth-date-family']],
    [['patient-contact.phone']],
  ])('refuses to look by %j alone: nobody is found by trying', async (columns) => {
    const person = await cast.signIn('nurse', 'Nell Ostrow')
    const answer = await steps.find(person, number, columns)
    expect(answer).toMatchObject({ admitted: [], denied_reason: 'search-too-wide' })
  })

  test('is not for roles that cannot break the glass, and ends after twenty searches in an hour', async () => {
    for (const role of ['billing', 'admin', 'compliance', 'patient', 'proxy'] as const)
      expect((await steps.find(cast.people[role], number)).denied_reason, role).toBe('no-policy')
    const person = await cast.signIn('nurse', 'Nell Ostrow')
    const nobody = Buffer.alloc(17, 3)
    for (let times = 0; times < 19; times++) expect((await steps.find(person, nobody)).denied_reason).toBeNull()
    expect((await steps.find(person, number)).denied_reason).toBeNull()
    expect((await steps.find(person, number)).denied_reason).toBe('too-many-searches')
  }) // prettier-ignore
})

describe('breaking the glass', () => {
  test('opens one patient for one person and nothing else, and every row says under which lease', async () => {
    const { person, lease } = await opened()
    const other = await cast.signIn('clinician', 'Somebody Else')
    const { admitted, request, database_role } = await admit(cast.sql.app, person, 'chart-summary', 'READ', [cast.otto], { Patient: ['familyName'] }) // prettier-ignore
    expect([admitted, database_role]).toEqual([[cast.otto], 'phi_clinician'])
    const seen = await asUnit(cast.sql.app, 'phi_clinician', request, async (unit) =>
      unit.query('SELECT id FROM phi.patient'),
    )
    expect(seen.rows).toEqual([{ id: cast.otto }])
    expect((await admit(cast.sql.app, other, 'chart-summary', 'READ', [cast.otto])).denied_reason).toBe('no-relation') // prettier-ignore
    expect((await admit(cast.sql.app, person, 'chart-summary', 'READ', [cast.maria])).denied_reason).toBe('no-relation') // prettier-ignore

    const written = await admit(cast.sql.app, person, 'vitals-entry', 'CREATE', [cast.otto], { Observation: ['value'] }) // prettier-ignore
    await asUnit(cast.sql.app, 'phi_clinician', written.request, async (unit) => {
      await unit.query(`SELECT audit.effect($1, 'CREATE', 'Observation', '{value}', '{}', NULL)`, [cast.otto])
      await unit.query(
        `INSERT INTO phi.observation (id, patient_id, kind, status, effective_at, display, value) VALUES (gen_random_uuid(), $1, 'vital-signs', 'final', now(), $2, $2)`,
        [cast.otto, fakeCiphertext()],
      )
    })
    expect(
      await raw('SELECT DISTINCT outcome, purpose, relation, break_glass_id FROM audit.patient_phi_audit_log WHERE actor_user_id = $1 AND patient_id = $2 AND view <> $3 ORDER BY 1', [
        person.accountId, cast.otto, 'emergency-search',
      ]),
    ).toEqual(['ALLOWED', 'EFFECT'].map((outcome) => ({ outcome, purpose: 'ETREAT', relation: 'emergency', break_glass_id: lease }))) // prettier-ignore
  })

  test('makes nobody a carer: the care team and the signing off of results stay shut', async () => {
    const { person } = await opened()
    for (const view of ['care-team', 'chart-results'])
      expect((await admit(cast.sql.app, person, view, 'UPDATE', [cast.otto])).denied_reason).toBe(
        'no-relation',
      )
  })

  test('makes nobody a carer by raw SQL either: what may be written down in an emergency opens no way to the care team', async () => {
    const { person } = await opened('nurse')
    const enter = async (by: CastMember, patient: string, view: string, action: string) => {
      const { request, admitted } = await admit(cast.sql.app, by, view, action, [patient])
      expect(admitted).toEqual([patient])
      await asUnit(cast.sql.app, 'phi_nurse', request, async (unit) => {
        await unit.query(`SELECT audit.effect($1, 'CREATE', 'CareRelationship', '{}', '{}', NULL)`, [patient])
        await unit.query(
          `INSERT INTO phi.care_relationship (id, patient_id, account_id, starts_at) VALUES (gen_random_uuid(), $1, $2, now() - interval '1 day')`,
          [patient, by.accountId],
        )
      })
    }
    for (const view of ['vitals-entry', 'note-writing'])
      await expect(enter(person, cast.otto, view, 'CREATE'), view).rejects.toMatchObject({ code: '42501' })
    // nor does a carer end another's care by way of a vital sign
    const { request } = await admit(cast.sql.app, cast.people.nurse, 'vitals-entry', 'UPDATE', [cast.maria])
    const ended = await asUnit(cast.sql.app, 'phi_nurse', request, async (unit) => {
      await unit.query(`SELECT audit.effect($1, 'UPDATE', 'CareRelationship', '{}', '{endsAt}', NULL)`, [cast.maria]) // prettier-ignore
      return unit.query('UPDATE phi.care_relationship SET ends_at = now() WHERE patient_id = $1', [
        cast.maria,
      ])
    })
    expect(ended.rowCount).toBe(0)
    // control: the view that is made for it
    await enter(cast.people.nurse, cast.maria, 'care-team', 'UPDATE')
  })

  test('signs nothing off and makes no result by raw SQL: columns in the clear change through the views that are for it', async () => {
    const { person } = await opened('nurse')
    const put = async (patient: string, kind: string) => {
      const id = randomUUID()
      await raw('SET session_replication_role = replica')
      await raw(
        `INSERT INTO phi.observation (id, patient_id, kind, status, display, created_by, updated_by) VALUES ($1, $2, $3, 'final', $4, $5, $5)`,
        [id, patient, kind, fakeCiphertext(), cast.people.nurse.accountId],
      )
      await raw('SET session_replication_role = origin')
      return id
    }
    const change = async (by: CastMember, patient: string, view: string, action: string, sql: string, values: unknown[]) => {
      const { request, admitted } = await admit(cast.sql.app, by, view, 'UPDATE', [patient])
      expect(admitted).toEqual([patient])
      return asUnit(cast.sql.app, 'phi_nurse', request, async (unit) => {
        for (const model of ['Observation', 'Patient'])
          await unit.query(`SELECT audit.effect($1, $2, $3, '{}', '{}', NULL)`, [patient, action, model])
        return (await unit.query(sql, values)).rowCount
      })
    } // prettier-ignore
    const review = 'UPDATE phi.observation SET reviewed_at = now(), reviewed_by = $2 WHERE id = $1'
    const status = `UPDATE phi.observation SET status = 'entered-in-error' WHERE id = $1`
    const attention = 'UPDATE phi.patient SET attention_at = NULL WHERE id = $1'
    const insert = (columns: string, values: string) =>
      `INSERT INTO phi.observation (id, patient_id, display, status, ${columns}) VALUES (gen_random_uuid(), $1, $2, 'final', ${values})`
    for (const [by, patient] of [[person, cast.otto], [cast.people.nurse, cast.maria]] as const) {
      const [vital, result] = [await put(patient, 'vital-signs'), await put(patient, 'laboratory')]
      for (const [action, sql, values] of [
        ['UPDATE', review, [vital, by.accountId]],
        ['UPDATE', review, [result, by.accountId]],
        ['UPDATE', status, [result]],
        ['UPDATE', 'UPDATE phi.observation SET corrected_at = now() WHERE id = $1', [vital]],
        ['UPDATE', attention, [patient]],
        ['CREATE', insert('kind', `'laboratory'`), [patient, fakeCiphertext()]],
        ['CREATE', insert('kind, reviewed_at, reviewed_by', `'vital-signs', now(), gen_random_uuid()`), [patient, fakeCiphertext()]],
      ] as const)
        await expect(change(by, patient, 'vitals-entry', action, sql, [...values]), sql).rejects.toMatchObject({ code: '42501' })
      // control: what recording vital signs is for
      expect(await change(by, patient, 'vitals-entry', 'UPDATE', status, [vital])).toBe(1)
      expect(await change(by, patient, 'vitals-entry', 'CREATE', insert('kind', `'vital-signs'`), [patient, fakeCiphertext()])).toBe(1)
    } // prettier-ignore
    // control: whose patient it is, through the view for results; and only what is for signing off
    const mine = await put(cast.maria, 'laboratory')
    const { nurse } = cast.people
    await expect(change(nurse, cast.maria, 'chart-results', 'UPDATE', status, [mine])).rejects.toMatchObject({ code: '42501' }) // prettier-ignore
    expect(await change(nurse, cast.maria, 'chart-results', 'UPDATE', review, [mine, nurse.accountId])).toBe(1) // prettier-ignore
    expect(await change(nurse, cast.maria, 'chart-results', 'UPDATE', attention, [cast.maria])).toBe(1)
  })

  test('ends after sixty minutes on the very next access, though nothing ran, and cannot be extended', async () => {
    const { person, lease } = await opened()
    await steps.advance(59 * 60 + 58)
    expect((await admit(cast.sql.app, person, 'chart-summary', 'READ', [cast.otto])).admitted).toEqual([cast.otto]) // prettier-ignore
    await steps.advance(2)
    expect((await admit(cast.sql.app, person, 'chart-summary', 'READ', [cast.otto])).denied_reason).toBe('no-relation') // prettier-ignore
    expect(await steps.row(lease)).toMatchObject({ state: 'ACTIVE' })
    await steps.prove(person)
    expect(await steps.open(person, lease)).toBe('no-such-request')
    await steps.sweep()
    expect(await steps.row(lease)).toMatchObject({ state: 'REVIEW_PENDING', end_kind: 'EXPIRED' })
  })

  test('needs somebody found just now, who is not one’s own, a reason, and words that were not used for the last three', async () => {
    const person = await cast.signIn('nurse', 'Nell Ostrow')
    expect((await steps.request(person, cast.otto, 'some words')).refusal).toBe('not-found')
    expect((await steps.request(person, randomUUID(), 'some words')).refusal).toBe('not-found')
    await steps.find(person, number)
    expect((await steps.request(person, cast.otto, 'w', { code: 'CURIOUS' })).refusal).toBe('reason-missing')
    expect((await steps.request(person, cast.maria, 'some words')).refusal).toBe('not-found')
    for (let times = 0; times < 4; times++) {
      const { lease, refusal } = await steps.request(person, cast.otto, `reason ${times}`)
      expect(refusal).toBeNull()
      await steps.prove(person)
      expect(await steps.open(person, lease)).toBeNull()
      expect(await steps.end(person, lease)).toBeNull()
      expect((await steps.request(person, cast.otto, `reason ${times}`)).refusal).toBe('reason-repeated')
    }
    expect((await steps.request(person, cast.otto, 'reason 0')).refusal).toBeNull()
    const numberOfMaria = await steps.giveNumber(cast.maria)
    await steps.find(cast.people.nurse, numberOfMaria)
    expect((await steps.request(cast.people.nurse, cast.maria, 'some words')).refusal).toBe('already-yours')
  })

  test('needs a second factor of the last two minutes, which opens one record and no second', async () => {
    const person = await cast.signIn('nurse', 'Nell Ostrow')
    await steps.find(person, number)
    const { lease } = await steps.request(person, cast.otto, 'in the night')
    await steps.prove(person, 121)
    expect(await steps.open(person, lease)).toBe('code-too-old')
    await steps.prove(person, 60)
    expect(await steps.open(person, lease)).toBeNull()
    expect(await steps.end(person, lease)).toBeNull()
    const again = await steps.request(person, cast.otto, 'once more, later')
    expect(await steps.open(person, again.lease)).toBe('code-used')
    await steps.prove(person)
    expect(await steps.open(person, again.lease)).toBeNull()
    expect(await reasons(person)).toEqual(['code-too-old', 'code-used'])
  })

  test('is for nurses and clinicians: no other role, no dead session, no role that was lost, and not another’s request', async () => {
    for (const role of ['billing', 'admin', 'compliance', 'patient', 'proxy'] as const)
      expect((await steps.request(cast.people[role], cast.otto, 'words of mine')).refusal, role).toBe('not-allowed') // prettier-ignore
    const { person, lease } = await opened()
    const other = await cast.signIn('clinician', 'Somebody Else')
    expect(await steps.open(other, lease)).toBe('no-such-request')
    expect(await steps.end(other, lease)).toBe('no-such-lease')
    await cast.sql.superuser.query(`UPDATE app.account SET role = 'nurse' WHERE id = $1`, [person.accountId])
    expect((await admit(cast.sql.app, person, 'chart-summary', 'READ', [cast.otto])).denied_reason).toBe('session-ended') // prettier-ignore
    const { rows } = await cast.sql.superuser.query(`SELECT audit.open_lease($1, $2, 'PATIENT') AS lease`, [person.accountId, cast.otto]) // prettier-ignore
    expect(rows).toEqual([{ lease: null }])
    const gone = await opened()
    await cast.sql.app.query(`SELECT app.session_end($1, 'sign-out')`, [gone.person.token])
    expect(await steps.end(gone.person, gone.lease)).toBe('no-session')
    expect((await steps.request(gone.person, cast.otto, 'after the end')).refusal).toBe('no-session')
  })

  test('twice at once opens one lease', async () => {
    const person = await cast.signIn('clinician', 'Nell Ostrow')
    await steps.find(person, number)
    const leases: string[] = []
    for (const n of [1, 2, 3]) leases.push((await steps.request(person, cast.otto, `at once ${n}`)).lease)
    await steps.prove(person)
    const { urls } = await testDatabase()
    const clients = leases.map(() => new pg.Client({ connectionString: urls.app }))
    await Promise.all(clients.map((client) => client.connect()))
    const answers = await Promise.all(
      clients.map(async (client, n) => {
        const { rows } = await client.query<{ refusal: string | null }>(
          `SELECT audit.break_glass_open($1, $2, 'America/Chicago', NULL) AS refusal`,
          [person.token, leases[n]],
        )
        return rows[0]?.refusal
      }),
    )
    await Promise.all(clients.map((client) => client.end()))
    expect(answers.filter((answer) => answer === null)).toHaveLength(1)
    expect(await raw(`SELECT FROM audit.break_glass WHERE actor_id = $1 AND state = 'ACTIVE'`, [person.accountId])).toHaveLength(1) // prettier-ignore
  })

  test('tells compliance, those who lead the patient’s care, and the patient, without a word about anybody', async () => {
    const numberOfMaria = await steps.giveNumber(cast.maria)
    const person = await cast.signIn('clinician', 'Nell Ostrow')
    await steps.find(person, numberOfMaria)
    const { lease } = await steps.request(person, cast.maria, 'her team is away')
    await steps.prove(person)
    expect(await steps.open(person, lease)).toBeNull()
    const told = await raw<{ kind: string; account_id: string }>('SELECT kind, account_id FROM app.notice WHERE reference = $1 ORDER BY kind', [lease]) // prettier-ignore
    expect(told).toEqual([
      { kind: 'break-glass-in-your-care', account_id: cast.people.clinician.accountId },
      { kind: 'break-glass-opened', account_id: cast.people.compliance.accountId },
      { kind: 'record-opened-in-emergency', account_id: cast.people.patient.accountId },
    ])
  })

  test('leaves no trace of a request that could not be written', async () => {
    const person = await cast.signIn('clinician', 'Nell Ostrow')
    await steps.find(person, number)
    await expect(
      cast.sql.app.query(`SELECT audit.break_glass_request($1, $2, $3, 'PATIENT', 'OTHER', $4, 'not sealed', $5, NULL)`, [
        person.token, randomUUID(), cast.otto, randomUUID(), [Buffer.alloc(16)],
      ]),
    ).rejects.toMatchObject({ code: '23514' }) // prettier-ignore
    await expect(
      cast.sql.app.query(`SELECT audit.break_glass_request($1, $2, $3, 'PATIENT', 'OTHER', $4, $5, $6, NULL)`, [
        person.token, randomUUID(), cast.otto, randomUUID(), fakeCiphertext(), [Buffer.alloc(1_000_000)],
      ]),
    ).rejects.toMatchObject({ code: '23514' }) // prettier-ignore
    expect(await eventsOf(person)).toEqual([])
  })
})

describe('a further class of notes', () => {
  const notesOf = async (person: CastMember) => {
    const { request, admitted } = await admit(cast.sql.app, person, 'chart-notes', 'READ', [cast.maria])
    expect(admitted).toEqual([cast.maria])
    const { rows } = await asUnit(cast.sql.app, 'phi_nurse', request, async (unit) =>
      unit.query<{ class: string }>('SELECT class FROM phi.note WHERE patient_id = $1 ORDER BY 1', [cast.maria]),
    ) // prettier-ignore
    const [row] = await raw('SELECT purpose, relation, break_glass_id FROM audit.patient_phi_audit_log WHERE request_id = $1', [request]) // prettier-ignore
    return { classes: rows.map((each) => each.class), row }
  }

  test('is open to a nurse who cares for the patient, never psychotherapy, and only while the lease lasts', async () => {
    await cast.sql.superuser.query(`SET session_replication_role = replica`)
    await cast.sql.superuser.query(
      `INSERT INTO phi.note (id, patient_id, class, status, author_id, authored_at, signed_at, current_version, created_by, updated_by)
       SELECT gen_random_uuid(), $1, c, 'signed', $2, now(), now(), 1, $2, $2 FROM unnest(ARRAY['mental-health', 'substance-use', 'psychotherapy']) c`,
      [cast.maria, cast.people.clinician.accountId],
    )
    await cast.sql.superuser.query(`RESET session_replication_role`)
    const { nurse } = cast.people
    expect(await notesOf(nurse)).toEqual({ classes: ['clinical'], row: { purpose: 'TREAT', relation: 'care', break_glass_id: null } }) // prettier-ignore
    const { lease, refusal } = await steps.request(nurse, cast.maria, 'she is unconscious', { kind: 'SCOPE' })
    expect(refusal).toBeNull()
    await steps.prove(nurse)
    expect(await steps.open(nurse, lease)).toBeNull()
    expect(await notesOf(nurse)).toEqual({
      classes: ['clinical', 'mental-health', 'substance-use'],
      row: { purpose: 'ETREAT', relation: 'care', break_glass_id: lease },
    })
    const summary = await admit(cast.sql.app, nurse, 'chart-summary', 'READ', [cast.maria])
    expect(await raw('SELECT purpose, break_glass_id FROM audit.patient_phi_audit_log WHERE request_id = $1', [summary.request])).toEqual([{ purpose: 'TREAT', break_glass_id: null }]) // prettier-ignore
    await steps.advance(3600)
    expect((await notesOf(nurse)).classes).toEqual(['clinical'])
  })

  test('is not asked for by clinicians, who read it anyway, nor for somebody whom one does not care for', async () => {
    expect((await steps.request(cast.people.clinician, cast.maria, 'some words', { kind: 'SCOPE' })).refusal).toBe('not-allowed') // prettier-ignore
    expect((await steps.request(cast.people.nurse, cast.otto, 'some words', { kind: 'SCOPE' })).refusal).toBe('not-found') // prettier-ignore
  })
})

describe('review', () => {
  test('is by somebody else of compliance with a fresh second factor, and by nobody for themselves', async () => {
    const { person, lease } = await opened()
    expect(await steps.end(person, lease)).toBeNull()
    const officer = await cast.signIn('compliance', 'Olga Brandt')
    await steps.prove(officer, 301)
    expect(await steps.review(officer, lease, 'JUSTIFIED')).toBe('code-too-old')
    for (const role of ['nurse', 'clinician', 'billing', 'admin', 'patient'] as const)
      expect(await steps.review(cast.people[role], lease, 'JUSTIFIED'), role).toBe('not-allowed')

    // who opened it becomes an officer of compliance: still nobody's own judge, and does not even see it
    await cast.sql.superuser.query(`UPDATE app.account SET role = 'compliance' WHERE id = $1`, [
      person.accountId,
    ])
    const token = `${person.token}-later`
    await cast.sql.app.query(`SELECT app.session_open($1, sha256(convert_to($2, 'UTF8')), 'totp', '10.0.0.7', 'test')`, [person.accountId, token]) // prettier-ignore
    const self = { ...person, token }
    expect(await steps.review(self, lease, 'JUSTIFIED')).toBe('your-own')
    const read = async (reader: { token: string }) => {
      const request = randomUUID()
      await cast.sql.app.query(`SELECT audit.admit_oversight($1, $2, 'BREAK_GLASS_READ', $3, NULL)`, [reader.token, request, JSON.stringify({ id: lease })]) // prettier-ignore
      return (await cast.sql.app.query('SELECT id FROM audit.read_break_glass($1)', [request])).rows
    }
    expect(await read(self)).toEqual([])
    expect(await read(officer)).toEqual([{ id: lease }])

    await steps.prove(officer)
    expect(await steps.review(officer, lease, 'JUSTIFIED')).toBeNull()
    expect(await steps.review(officer, lease, 'UNJUSTIFIED')).toBe('not-to-decide')
    await expect(
      cast.sql.superuser.query(
        `INSERT INTO audit.break_glass_entry (break_glass_id, actor_id, author_id, kind, text_id, written_at)
         SELECT b.id, b.actor_id, b.actor_id, 'JUSTIFIED', b.reason_text_id, now() FROM audit.break_glass b WHERE b.id = $1`,
        [lease],
      ),
    ).rejects.toMatchObject({ code: '23514' })
  })

  test('what is kept from the person concerned is read by somebody who is known, or not at all', async () => {
    for (const [reader, event] of [['oversight_reader', 'INCIDENT_READ'], ['oversight_reader', 'BREAK_GLASS_READ'], ['watch_reader', 'CASE_OPENED']])
      await expect(raw(`SELECT audit.${reader}(gen_random_uuid(), $1)`, [event]), reader).rejects.toMatchObject({ code: '42501' }) // prettier-ignore
    // two people under one number are nobody either
    const request = randomUUID()
    const officer = await cast.signIn('compliance', 'Olga Brandt')
    const ask = (token: string) => cast.sql.app.query(`SELECT audit.admit_oversight($1, $2, 'INCIDENT_READ', '{}', NULL)`, [token, request]) // prettier-ignore
    await ask(officer.token)
    await cast.sql.app.query('SELECT * FROM audit.read_incidents($1)', [request])
    await ask(cast.people.compliance.token)
    await expect(
      cast.sql.app.query('SELECT * FROM audit.read_incidents($1)', [request]),
    ).rejects.toMatchObject({ code: '42501' })
  })

  test('UNJUSTIFIED needs a second signer, and their confirmation opens an incident against the one who did it', async () => {
    const { person, lease } = await opened()
    await steps.end(person, lease)
    const [one, two] = [await cast.signIn('compliance', 'Olga Brandt'), await cast.signIn('compliance', 'Piet Vos')] // prettier-ignore
    expect(await steps.review(one, lease, 'CONFIRMED')).toBe('not-to-decide')
    expect(await steps.review(one, lease, 'UNJUSTIFIED')).toBeNull()
    expect(await raw('SELECT FROM audit.incident WHERE source_id = $1', [lease])).toEqual([])
    expect(await steps.review(one, lease, 'CONFIRMED')).toBe('same-person')
    expect(await steps.review(two, lease, 'CONFIRMED')).toBeNull()
    expect(await steps.row(lease)).toMatchObject({ state: 'CLOSED', verdict: 'UNJUSTIFIED' })
    expect(await raw('SELECT source, accused_id, patient_id, state FROM audit.incident WHERE source_id = $1', [lease])).toEqual([
      { source: 'BREAK_GLASS', accused_id: person.accountId, patient_id: cast.otto, state: 'OPEN' },
    ]) // prettier-ignore
  })

  test('does not wait for ever for an answer: whoever says nothing, or has left, is decided about all the same', async () => {
    const [one, two] = [await cast.signIn('compliance', 'Olga Brandt'), await cast.signIn('compliance', 'Piet Vos')] // prettier-ignore
    const silent = await opened()
    await steps.end(silent.person, silent.lease)
    expect(await steps.review(one, silent.lease, 'NEEDS_INFO')).toBeNull()
    await cast.sql.superuser.query(
      `UPDATE app.account SET status = 'deactivated', deactivated_at = app.now() WHERE id = $1`,
      [silent.person.accountId],
    )
    expect(await steps.review(one, silent.lease, 'NEEDS_INFO')).toBe('not-to-decide')
    expect(await steps.review(one, silent.lease, 'CONFIRMED')).toBe('not-to-decide')
    expect(await steps.review(one, silent.lease, 'UNJUSTIFIED')).toBeNull()
    expect(await steps.review(one, silent.lease, 'CONFIRMED')).toBe('same-person')
    expect(await steps.review(two, silent.lease, 'CONFIRMED')).toBeNull()
    expect(await steps.row(silent.lease)).toMatchObject({ state: 'CLOSED', verdict: 'UNJUSTIFIED' })

    const late = await opened()
    await steps.end(late.person, late.lease)
    expect(await steps.review(one, late.lease, 'NEEDS_INFO')).toBeNull()
    expect(await steps.review(two, late.lease, 'JUSTIFIED')).toBeNull()
    expect(await steps.answer(late.person, late.lease)).toBe('nothing-asked')
  })

  test('is due one business day later, and whoever forgets it is reminded once a day; administrators after 72 hours', async () => {
    const due = async (at: string) =>
      (await raw<{ due: Date }>(`SELECT audit.one_business_day_after($1, 'America/Chicago') AS due`, [at]))[0]?.due.toISOString() // prettier-ignore
    expect(await due('2026-11-24T09:00:00Z')).toBe('2026-11-25T09:00:00.000Z')
    expect(await due('2026-11-27T09:00:00Z')).toBe('2026-11-30T09:00:00.000Z') // Friday 3 a.m. to Monday 3 a.m.
    expect(await due('2026-11-28T09:00:00Z')).toBe('2026-12-01T06:00:00.000Z') // Saturday to the end of Monday
    expect(await due('2026-10-30T13:00:00Z')).toBe('2026-11-02T14:00:00.000Z') // the clocks change in between

    const { lease } = await opened()
    const reminders = async () => (await raw('SELECT FROM audit.security_event_log WHERE event_type = $1 AND detail ->> $2 = $3', ['BREAK_GLASS_REVIEW_OVERDUE', 'lease', lease])).length // prettier-ignore
    await steps.advance(7200)
    await steps.sweep()
    expect(await reminders()).toBe(0)
    await steps.advance(4 * 86_400)
    await steps.sweep()
    await steps.sweep()
    expect(await reminders()).toBe(1)
    const told = await raw<{ kind: string }>('SELECT DISTINCT kind FROM app.notice WHERE reference = $1 ORDER BY 1', [lease]) // prettier-ignore
    expect(told.map(({ kind }) => kind)).toEqual(['break-glass-escalated', 'break-glass-opened', 'break-glass-overdue']) // prettier-ignore
    await steps.advance(86_400)
    await steps.sweep()
    expect(await reminders()).toBe(2)
  })
})
