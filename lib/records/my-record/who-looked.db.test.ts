import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { readWhoLooked } from '#lib/phi/read-who-looked.ts'
import { withRecord } from '#lib/phi/with-record.ts'
import type { Actor } from '#lib/policy/actor.ts'
import type { ViewName } from '#lib/policy/views.ts'
import { signInToPortal } from '#lib/testing/portal.ts'
import { makeRecordCast, type RecordCast } from '#lib/testing/record-cast.ts'
import { countWhoLooked } from './count-who-looked.ts'
import { listWhoLooked, whoLookedPageSize, type WhoLookedFilter } from './list-who-looked.ts'
import type { AccessView } from './view.ts'

let records: RecordCast
let nadia: Actor
beforeAll(async () => {
  records = await makeRecordCast()
  nadia = records.actors.nurse
})
afterAll(() => records.close())

const open = (actor: Actor, patientId: string, view: ViewName) =>
  withRecord(actor, { view, action: 'READ', patients: [patientId], fields: {} }, () => Promise.resolve(null))

const list = async (actor: Actor, patientId: string, filter: Partial<WhoLookedFilter> = {}) => {
  const outcome = await listWhoLooked(actor, patientId, { period: '30-days', withOwn: false, ...filter })
  if (outcome.kind === 'denied' || !outcome.value) throw new Error('not shown')
  return outcome.value
}
const everything = async (actor: Actor, patientId: string, withOwn: boolean): Promise<AccessView[]> => {
  const accesses: AccessView[] = []
  let cursor: string | undefined
  do {
    const page = await list(actor, patientId, { withOwn, cursor })
    accesses.push(...page.days.flatMap((day) => day.accesses))
    cursor = page.next ?? undefined
  } while (cursor !== undefined)
  return accesses
}

type LogRow = { at: Date; actor_user_id: string; view: string; outcome: string }
/** The trail itself, read past every safeguard; own accesses and changes' second rows left out. */
const log = (patientId: string, except: Actor) =>
  records.raw<LogRow>(
    `SELECT accessed_at AS at, actor_user_id, view, outcome FROM audit.patient_phi_audit_log
      WHERE patient_id = $1 AND outcome IN ('ALLOWED', 'DENIED') AND actor_user_id <> $2 ORDER BY accessed_at DESC, seq DESC`,
    [patientId, except.accountId],
  )

describe('who looked', () => {
  test('a patient sees the nurse by name, what part, and why', async () => {
    const maria = await records.addPatient({ familyName: 'Reyes', givenName: 'Maria' }, nadia)
    const patient = await signInToPortal(records, 'patient', [maria])
    await open(nadia, maria, 'chart-summary')
    const view = await list(patient, maria)
    const [newest] = view.days[0]?.accesses ?? []
    expect(view.whose?.name).toBe('Maria Reyes')
    expect(newest).toMatchObject({
      name: 'Nadia Osei',
      role: 'Nurse',
      kind: 'staff',
      what: 'Opened your chart summary: conditions, allergies, medicines, vital signs, newest results, visits',
      why: 'Why: treatment. Nadia Osei is on your care team.',
      refused: false,
    })
    expect(view.count).toMatchObject({ people: 1, refused: 0, atLeast: false })
  })

  test('a refused attempt is shown as one, and does not count as having opened anything', async () => {
    const otto = await records.addPatient()
    const patient = await signInToPortal(records, 'patient', [otto])
    await open(nadia, otto, 'chart-notes')
    const view = await list(patient, otto)
    expect(view.days[0]?.accesses[0]).toMatchObject({
      refused: true,
      what: 'Tried to open your visit notes and was refused',
      details: [],
    })
    expect(view.count).toMatchObject({ people: 0, refused: 1 })
  })

  test('what another patient tries is never taken for one’s own', async () => {
    const [maria, otto] = [await records.addPatient(), await records.addPatient()]
    const patient = await signInToPortal(records, 'patient', [maria])
    const stranger = await signInToPortal(records, 'patient', [otto])
    await open(stranger, maria, 'my-home')
    const view = await list(patient, maria)
    expect(view.days[0]?.accesses[0]).toMatchObject({ name: 'Another portal user', refused: true })
  })

  test('a change is told by its admission, once', async () => {
    const maria = await records.addPatient({}, nadia)
    const patient = await signInToPortal(records, 'patient', [maria])
    await withRecord(nadia, { view: 'vitals-entry', action: 'CREATE', patients: [maria] }, (record) =>
      record.observation.create({
        data: { patientId: maria, kind: 'vital-signs', status: 'final', display: 'Pulse', value: '70' },
        select: { id: true },
      }),
    )
    const vitals = (await everything(patient, maria, false)).filter(({ what }) => /vital signs/.test(what))
    expect(vitals).toMatchObject([{ what: 'Added vital signs', times: [expect.any(String)] }])
    expect(vitals[0]?.details.map(({ about }) => about)).toContain('Results and vital signs')
  })

  test('jobs are folded together and are not people', async () => {
    const maria = await records.addPatient()
    const patient = await signInToPortal(records, 'patient', [maria])
    for (let index = 0; index < 5; index += 1) await records.change([maria], () => Promise.resolve())
    const view = await list(patient, maria)
    const jobs = view.days.flatMap(({ accesses }) => accesses).filter(({ kind }) => kind === 'job')
    expect(jobs.map(({ name }) => name)).toEqual(jobs.map(() => 'Automatic job'))
    expect(jobs.length).toBeLessThanOrEqual(2)
    expect(jobs.flatMap(({ times }) => times)).toHaveLength((await log(maria, patient)).length)
    expect(view.count).toMatchObject({ people: 0, jobs: 1 })
  })

  test('own accesses and those of a proxy are there when asked for, and only then', async () => {
    const maria = await records.addPatient()
    const patient = await signInToPortal(records, 'patient', [maria])
    const proxy = await signInToPortal(records, 'proxy', [maria], ['results', 'access-log'])
    await open(patient, maria, 'my-home')
    await open(proxy, maria, 'my-results')
    const hidden = await everything(patient, maria, false)
    expect(hidden.filter(({ kind }) => kind === 'patient' || kind === 'proxy')).toEqual([])
    const shown = await everything(patient, maria, true)
    expect(new Set(shown.map(({ name }) => name))).toEqual(
      new Set(['Automatic job', 'You', 'A person with access']),
    )
    const seenByProxy = await everything(proxy, maria, true)
    expect(new Set(seenByProxy.map(({ name }) => name))).toEqual(
      new Set(['Automatic job', 'You', 'The patient']),
    )
  })

  test('the list equals the trail, whatever was opened by whom', async () => {
    const strangerNurse = records.actorOf(await records.cast.signIn('nurse', 'Tomasz Krol'))
    const people = [nadia, strangerNurse, records.actors.billing, records.actors.admin, records.actors.compliance]
    const views: ViewName[] = ['chart-summary', 'chart-results', 'chart-notes', 'billing-account', 'vitals-entry']
    let cases = 0
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.nat(people.length - 1), fc.nat(views.length - 1)), { maxLength: 25 }),
        async (accesses) => {
          const maria = await records.addPatient({}, nadia)
          const patient = await signInToPortal(records, 'patient', [maria])
          for (const [person, view] of accesses) {
            const [actor, name] = [people[person], views[view]]
            if (actor && name) await open(actor, maria, name)
          }
          const expected = await log(maria, patient)
          const listed = await everything(patient, maria, false)
          expect(listed.flatMap(({ times }) => times).toSorted()).toEqual(expected.map(({ at }) => at.toISOString()).toSorted())
          expect(sum(listed.filter(({ refused }) => refused))).toBe(expected.filter(({ outcome }) => outcome === 'DENIED').length)
          const count = await countWhoLooked(patient, maria)
          const opened = expected.filter((row) => row.outcome === 'ALLOWED' && people.some(({ accountId }) => accountId === row.actor_user_id))
          expect(count).toMatchObject({ kind: 'granted', value: { people: new Set(opened.map((row) => row.actor_user_id)).size } })
          cases += accesses.length
        },
      ),
      { numRuns: 12 },
    )
    expect(cases).toBeGreaterThan(20)
  }) // prettier-ignore

  test('is read page by page without a gap or a repeat', async () => {
    const maria = await records.addPatient({}, nadia)
    const patient = await signInToPortal(records, 'patient', [maria])
    for (let index = 0; index < whoLookedPageSize * 2 + 7; index += 1)
      await open(nadia, maria, 'chart-summary')
    const first = await list(patient, maria)
    expect(sum(first.days.flatMap((day) => day.accesses))).toBe(whoLookedPageSize)
    expect(first.next).not.toBeNull()
    const listed = await everything(patient, maria, false)
    expect(sum(listed)).toBe((await log(maria, patient)).length)
    // Somebody's odd address is the beginning of the list and not an error.
    expect((await list(patient, maria, { cursor: 'bm90IGEgcGxhY2U' })).days).toEqual(first.days)
  })

  test('is refused without the part, for another’s record, to staff, and after the session', async () => {
    const maria = await records.addPatient({}, nadia)
    const proxy = await signInToPortal(records, 'proxy', [maria], ['results', 'summary', 'notes'])
    const stranger = await signInToPortal(records, 'patient', [await records.addPatient()])
    const gone = await signInToPortal(records, 'patient', [maria])
    await records.cast.sql.app.query(`SELECT app.session_end($1, 'sign-out')`, [gone.sessionToken])
    const filter = { period: 'all', withOwn: true } as const
    expect(await listWhoLooked(proxy, maria, filter)).toEqual({ kind: 'denied', reason: 'no-relation' })
    expect(await listWhoLooked(stranger, maria, filter)).toEqual({ kind: 'denied', reason: 'no-relation' })
    expect(await listWhoLooked(nadia, maria, filter)).toEqual({ kind: 'denied', reason: 'no-policy' })
    expect(await listWhoLooked(gone, maria, filter)).toEqual({ kind: 'denied', reason: 'session-ended' })
    expect(await countWhoLooked(stranger, maria)).toEqual({ kind: 'denied', reason: 'no-relation' })
  })

  test('another view of the same record does not open the trail', async () => {
    const maria = await records.addPatient()
    const patient = await signInToPortal(records, 'patient', [maria])
    const question = { from: new Date(0), to: new Date(Date.now() + 60_000), limit: 10, before: null }
    await expect(
      withRecord(patient, { view: 'my-home', action: 'READ', patients: [maria] }, () =>
        readWhoLooked(question),
      ),
    ).rejects.toThrow('only the view my-access-log reads the trail')
    await expect(readWhoLooked(question)).rejects.toThrow('inside a unit of work')
  })
})

function sum(accesses: readonly AccessView[]): number {
  return accesses.reduce((total, { times }) => total + times.length, 0)
}
