import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { remindOfPatientWork } from '#lib/ops/work/remind-of-patient-work.ts'
import type { Outcome } from '#lib/phi/types.ts'
import { withRecord } from '#lib/phi/with-record.ts'
import type { Actor } from '#lib/policy/actor.ts'
import type { ViewName } from '#lib/policy/views.ts'
import { listMyConcerns } from '#lib/records/my-record/list-my-concerns.ts'
import { openAccessEntry } from '#lib/records/my-record/open-access-entry.ts'
import { reportConcern } from '#lib/records/my-record/report-concern.ts'
import { admit, asUnit, fakeCiphertext } from '#lib/testing/door-cast.ts'
import { signInToPortal } from '#lib/testing/portal.ts'
import { makeRecordCast, type RecordCast } from '#lib/testing/record-cast.ts'
import { addConcernNote } from './add-concern-note.ts'
import { listConcerns } from './list-concerns.ts'
import { openConcern } from './open-concern.ts'
import { stepConcern } from './step-concern.ts'

let records: RecordCast
let nadia: Actor
let carla: Actor
beforeAll(async () => {
  records = await makeRecordCast()
  nadia = records.actors.nurse
  carla = records.actors.compliance
})
afterAll(() => records.close())

const value = <T>(outcome: Outcome<T>): T => {
  if (outcome.kind === 'denied') throw new Error(outcome.reason)
  return outcome.value
}
const open = (actor: Actor, patientId: string, view: ViewName = 'chart-summary') =>
  withRecord(actor, { view, action: 'READ', patients: [patientId], fields: {} }, () => Promise.resolve(null))

/** The newest entry of a patient's trail that somebody left in a view. */
const entryOf = async (actor: Actor, patientId: string): Promise<string> => {
  const [row] = await records.raw<{ log_id: string }>(
    `SELECT log_id FROM audit.patient_phi_audit_log WHERE actor_user_id = $1 AND patient_id = $2 AND outcome IN ('ALLOWED', 'DENIED')
      ORDER BY seq DESC LIMIT 1`,
    [actor.accountId, patientId],
  )
  return row?.log_id ?? ''
}
const written = (body = 'Plantedworry: I was not there that day.') => ({
  key: randomUUID(),
  body,
  contact: 'By telephone, Plantedcontact',
})

/** A patient with an access by somebody, and a report about it. */
async function reported(by: Actor = nadia, body?: string) {
  const patientId = await records.addPatient({ familyName: 'Reyes', givenName: 'Maria' }, nadia)
  const patient = await signInToPortal(records, 'patient', [patientId])
  await open(by, patientId)
  const logId = await entryOf(by, patientId)
  const form = written(body)
  expect(value(await reportConcern(patient, patientId, logId, form))).toEqual({ kind: 'reported' })
  return { patientId, patient, logId, concernId: form.key }
}

const answer = 'Nadia Osei looked at your record because your doctor asked her to.'
const notices = (actor: Actor) =>
  records.raw<{ kind: string; reference: string }>(
    'SELECT kind, reference FROM app.notice WHERE account_id = $1',
    [actor.accountId],
  )

describe('a concern', () => {
  test('goes from the patient to compliance and back, with a due date, and everything is on record', async () => {
    const { patientId, patient, concernId } = await reported()
    const [waiting] = (await listConcerns(carla, false)).filter(({ id }) => id === concernId)
    expect(waiting).toMatchObject({ status: 'open', isOverdue: false })
    const days = (Date.parse(waiting?.dueAt ?? '') - Date.parse(waiting?.reportedAt ?? '')) / 86_400_000
    expect(days).toBe(30)
    expect(await notices(carla)).toContainEqual({ kind: 'concern-reported', reference: concernId })

    const seen = value(await openConcern(carla, patientId, concernId))
    expect(seen?.concern).toMatchObject({ body: 'Plantedworry: I was not there that day.', contact: 'By telephone, Plantedcontact' })
    expect(seen?.concern.entry).toMatchObject({ name: 'Nadia Osei', what: expect.stringContaining('chart summary') })
    expect(value(await stepConcern(carla, patientId, concernId, { kind: 'acknowledge' }))).toEqual({ kind: 'done' })
    const note = { key: randomUUID(), body: 'Plantednote: asked the ward.' }
    await Promise.all([addConcernNote(carla, patientId, concernId, note), addConcernNote(carla, patientId, concernId, note)])
    expect(value(await openConcern(carla, patientId, concernId))?.notes.map(({ body }) => body)).toEqual([note.body])
    expect(value(await stepConcern(carla, patientId, concernId, { kind: 'answer', answer }))).toEqual({ kind: 'done' })

    const mine = value(await listMyConcerns(patient, patientId))
    expect(mine?.concerns).toMatchObject([{ id: concernId, status: 'answered', answer }])
    expect(JSON.stringify(mine)).not.toContain('Plantednote')
    expect(await notices(patient)).toContainEqual({ kind: 'concern-answered', reference: concernId })
    const events = await records.raw<{ event_type: string }>(
      `SELECT event_type FROM audit.security_event_log WHERE detail ->> 'id' = $1 ORDER BY seq`, [concernId])
    expect(events.map((row) => row.event_type)).toEqual(['CONCERN_REPORTED', 'CONCERN_ACKNOWLEDGED', 'CONCERN_ANSWERED'])
    const looked = await records.raw(`SELECT FROM audit.patient_phi_audit_log WHERE patient_id = $1 AND actor_user_id = $2 AND view = 'concern-work'`, [patientId, carla.accountId])
    expect(looked.length).toBeGreaterThan(4)
  }) // prettier-ignore

  test('lies in the database as ciphertext, and no log quotes it', async () => {
    const { patientId, concernId } = await reported()
    await addConcernNote(carla, patientId, concernId, { key: randomUUID(), body: 'Plantednote' })
    const [text] = await records.raw<{ all: string }>(
      `SELECT (SELECT string_agg(c::text, '') FROM phi.concern c WHERE c.patient_id = $1) || (SELECT string_agg(n::text, '') FROM phi.concern_note n WHERE n.patient_id = $1)
           || (SELECT string_agg(l::text, '') FROM audit.patient_phi_audit_log l WHERE l.patient_id = $1) || (SELECT string_agg(e::text, '') FROM audit.security_event_log e) AS all`,
      [patientId],
    )
    expect(text?.all).toContain(concernId)
    expect(text?.all).not.toMatch(/Planted|chart summary/)
  })

  test('told twice is one, also at the same moment; it is answered once, also at the same moment', async () => {
    const { patientId, patient, logId, concernId } = await reported()
    const again = await Promise.all([
      reportConcern(patient, patientId, logId, written()),
      reportConcern(patient, patientId, logId, written()),
    ])
    expect(again.map((outcome) => value(outcome).kind)).toEqual(['already-reported', 'already-reported'])
    const other = 'A second officer answers at the very same moment.'
    const both = await Promise.allSettled([
      stepConcern(carla, patientId, concernId, { kind: 'answer', answer }),
      stepConcern(carla, patientId, concernId, { kind: 'answer', answer: other }),
    ])
    const done = both.filter((result) => result.status === 'fulfilled' && value(result.value).kind === 'done')
    expect(done).toHaveLength(1)
    expect(value(await stepConcern(carla, patientId, concernId, { kind: 'answer', answer: other }))).toEqual({
      kind: 'already-done',
    })
  })

  test('is about an entry of one’s own trail, by somebody else, and nothing is made up', async () => {
    const { patientId, patient } = await reported()
    const otto = await records.addPatient({}, nadia)
    await open(nadia, otto)
    const foreign = await entryOf(nadia, otto)
    expect(value(await reportConcern(patient, patientId, foreign, written()))).toEqual({ kind: 'not-found' })
    expect(value(await reportConcern(patient, patientId, randomUUID(), written()))).toEqual({
      kind: 'not-found',
    })
    expect(
      value(await reportConcern(patient, patientId, await entryOf(patient, patientId), written())),
    ).toEqual({ kind: 'not-found' })
    // Past the verbs: the database itself refuses an entry of another trail, and takes nobody's word about who stands in it.
    const admission = await admit(records.cast.sql.app, { token: patient.sessionToken }, 'my-concerns', 'CREATE', [patientId], { Concern: ['body', 'entry'] }) // prettier-ignore
    const insert = (logId: string, columns = '', values = '') =>
      asUnit(records.cast.sql.app, 'phi_patient', admission.request, async (unit) => {
        await unit.query(`SELECT audit.effect($1, 'CREATE', 'Concern', '{body,entry}', '{}', NULL)`, [
          patientId,
        ])
        await unit.query(
          `INSERT INTO phi.concern (id, patient_id, log_id, entry, body${columns}) VALUES (gen_random_uuid(), $1, $2, $3, $4${values})`,
          [patientId, logId, fakeCiphertext(), fakeCiphertext()],
        )
      })
    await expect(insert(foreign)).rejects.toThrow('own trail')
    await expect(
      insert(await entryOf(nadia, patientId), ', about_account_id', `, '${patient.accountId}'`),
    ).rejects.toThrow('permission denied')
  })
})

describe('nobody works on a concern about themselves', () => {
  test('the officer whom it is about sees it in no queue and on no page, and can neither answer nor note', async () => {
    const dora = records.actorOf(await records.cast.signIn('compliance', 'Dora Ilves'))
    const { patientId, concernId } = await reported(dora, 'Plantedworry about Dora')
    expect((await listConcerns(dora, false)).map(({ id }) => id)).not.toContain(concernId)
    expect(value(await openConcern(dora, patientId, concernId))).toBeNull()
    for (const step of [{ kind: 'acknowledge' }, { kind: 'answer', answer }] as const)
      expect(value(await stepConcern(dora, patientId, concernId, step))).toEqual({ kind: 'not-found' })
    expect(
      value(await addConcernNote(dora, patientId, concernId, { key: randomUUID(), body: 'not so' })),
    ).toEqual({ kind: 'not-found' })
    expect(await notices(dora)).not.toContainEqual({ kind: 'concern-reported', reference: concernId })
    // Past the verbs, on the role itself: no row is shown or changed, and a note does not go in.
    const admission = await admit(records.cast.sql.app, { token: dora.sessionToken }, 'concern-work', 'UPDATE', [patientId], { Concern: ['answer'], ConcernNote: ['body'] }) // prettier-ignore
    const counts = await asUnit(records.cast.sql.app, 'phi_compliance', admission.request, async (unit) => {
      await unit.query(`SELECT audit.effect($1, 'UPDATE', 'Concern', '{answer}', '{}', NULL)`, [patientId])
      const seen = await unit.query('SELECT id FROM phi.concern')
      const changed = await unit.query(`UPDATE phi.concern SET status = 'answered', answer = $1`, [
        fakeCiphertext(),
      ])
      return [seen.rowCount, changed.rowCount]
    })
    expect(counts).toEqual([0, 0])
    // The control: another officer does see and answer it.
    expect((await listConcerns(carla, false)).map(({ id }) => id)).toContain(concernId)
    expect(value(await stepConcern(carla, patientId, concernId, { kind: 'answer', answer }))).toEqual({
      kind: 'done',
    })
  })

  test('a proxy does not see what the patient reported, about the proxy least of all', async () => {
    const { patientId, patient } = await reported()
    const proxy = await signInToPortal(records, 'proxy', [patientId], ['access-log', 'results'])
    await open(proxy, patientId, 'my-results')
    await reportConcern(
      patient,
      patientId,
      await entryOf(proxy, patientId),
      written('Plantedabout the proxy'),
    )
    expect(value(await listMyConcerns(proxy, patientId))?.concerns).toEqual([])
    await reportConcern(proxy, patientId, await entryOf(nadia, patientId), written('Plantedby the proxy'))
    expect(value(await listMyConcerns(proxy, patientId))?.concerns.map(({ body }) => body)).toEqual([
      'Plantedby the proxy',
    ])
    expect(value(await listMyConcerns(patient, patientId))?.concerns.length).toBeGreaterThan(1)
  })
})

describe('others are refused', () => {
  test('another patient, a proxy without the part, staff, and a session that is over', async () => {
    const { patientId, patient, logId, concernId } = await reported()
    const stranger = await signInToPortal(records, 'patient', [await records.addPatient()])
    const partial = await signInToPortal(records, 'proxy', [patientId], ['results'])
    for (const actor of [stranger, partial, nadia, carla, records.actors.admin]) {
      expect((await listMyConcerns(actor, patientId)).kind, actor.role).toBe('denied')
      expect((await reportConcern(actor, patientId, logId, written())).kind, actor.role).toBe('denied')
      expect((await openAccessEntry(actor, patientId, logId)).kind, actor.role).toBe('denied')
    }
    for (const actor of [stranger, patient, nadia, records.actors.admin, records.actors.billing]) {
      expect(await listConcerns(actor, false), actor.role).toEqual([])
      expect((await openConcern(actor, patientId, concernId)).kind, actor.role).toBe('denied')
      expect((await stepConcern(actor, patientId, concernId, { kind: 'acknowledge' })).kind).toBe('denied')
    }
    const gone = records.actorOf(await records.cast.signIn('compliance', 'Gone Officer'))
    await records.cast.sql.app.query(`SELECT app.session_end($1, 'sign-out')`, [gone.sessionToken])
    expect(await listConcerns(gone, false)).toEqual([])
    expect(await stepConcern(gone, patientId, concernId, { kind: 'acknowledge' })).toEqual({
      kind: 'denied',
      reason: 'session-ended',
    })
  })

  test('compliance sees no other row of the record, whatever it asks', async () => {
    const { patientId } = await reported()
    const admission = await admit(records.cast.sql.app, { token: carla.sessionToken }, 'concern-work', 'READ', [patientId]) // prettier-ignore
    await asUnit(records.cast.sql.app, 'phi_compliance', admission.request, async (unit) => {
      expect((await unit.query('SELECT id FROM phi.concern')).rowCount).toBe(1)
    })
    for (const table of ['patient', 'observation', 'note_version', 'row_history'])
      await expect(
        asUnit(records.cast.sql.app, 'phi_compliance', admission.request, (unit) =>
          unit.query(`SELECT count(*) FROM phi.${table}`),
        ),
      ).rejects.toThrow('permission denied')
  })
})

test('what is overdue is said in the queue, and reminded of once a day, but not to whom it is about', async () => {
  const dora = records.actorOf(await records.cast.signIn('compliance', 'Dora Ilves'))
  const { concernId } = await reported(dora)
  await records.raw(`ALTER TABLE phi.concern DISABLE TRIGGER USER`)
  await records.raw(`UPDATE phi.concern SET due_at = now() - interval '1 day' WHERE id = $1`, [concernId])
  await records.raw(`ALTER TABLE phi.concern ENABLE TRIGGER USER`)
  await remindOfPatientWork()
  await remindOfPatientWork()
  const reminder = { kind: 'concern-overdue', reference: concernId }
  expect((await notices(carla)).filter((notice) => notice.reference === concernId)).toContainEqual(reminder)
  expect(await notices(dora)).not.toContainEqual(reminder)
  const [first] = await listConcerns(carla, false)
  expect(first).toMatchObject({ id: concernId, isOverdue: true })
})
