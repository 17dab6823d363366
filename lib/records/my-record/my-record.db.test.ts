import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Actor } from '#lib/policy/actor.ts'
import { signInToPortal } from '#lib/testing/portal.ts'
import { makeRecordCast, type RecordCast } from '#lib/testing/record-cast.ts'
import { chooseRecord } from './choose-record.ts'
import { listNotes } from './list-notes.ts'
import { listResults } from './list-results.ts'
import { nameRecord, nameRecords } from './name-records.ts'
import { openHome } from './open-home.ts'
import { openSummary } from './open-summary.ts'
import { readNote } from './read-note.ts'
import { readResult } from './read-result.ts'

let records: RecordCast
let maria: string
let otto: string
let patient: Actor
/** May open Maria's results and nothing else. */
let proxy: Actor
let stranger: Actor

const day = 86_400_000
const daysAgo = (days: number) => new Date(Date.now() - days * day)
type Result = {
  display: string
  kind?: string
  status?: string
  code?: string
  codeSystem?: string
  value?: string
  valueNumber?: number
  unit?: string
  interpretation?: string
  referenceLow?: number
  referenceHigh?: number
  previousValue?: string
  note?: string
  effectiveAt?: Date
  issuedAt?: Date
  correctedAt?: Date
  reviewedAt?: Date
  reviewedBy?: string
}

const addResults = (patientId: string, results: readonly Result[]) =>
  records.change([patientId], async (record) => {
    const ids: string[] = []
    for (const result of results) {
      const made = await record.observation.create({
        data: { patientId, kind: 'laboratory', status: 'final', ...result },
        select: { id: true },
      })
      ids.push(made.id)
    }
    return ids
  })

const potassium = { display: 'Potassium', code: '2823-3', codeSystem: 'http://loinc.org', unit: 'mmol/L', referenceLow: 3.5, referenceHigh: 5.1 } // prettier-ignore

beforeAll(async () => {
  records = await makeRecordCast()
  maria = await records.addPatient({ familyName: 'Reyes', givenName: 'Maria', birthDate: '1979-04-02' })
  otto = await records.addPatient({ familyName: 'Other', givenName: 'Otto' })
  patient = await signInToPortal(records, 'patient', [maria])
  proxy = await signInToPortal(records, 'proxy', [maria], ['results'])
  stranger = await signInToPortal(records, 'patient', [otto])
})
afterAll(() => records.close())

/** The newest row of the trail about a patient. */
const lastRow = async (patientId: string) =>
  (
    await records.raw<{ outcome: string; reason: string | null; view: string; actor_user_id: string; changed_fields: object }>(
      'SELECT outcome, reason, view, actor_user_id, changed_fields FROM audit.patient_phi_audit_log WHERE patient_id = $1 ORDER BY seq DESC LIMIT 1',
      [patientId],
    )
  )[0] // prettier-ignore

const granted = <T>(outcome: { kind: 'granted'; value: T } | { kind: 'denied'; reason: string }): NonNullable<T> => {
  if (outcome.kind === 'denied') throw new Error(outcome.reason)
  if (outcome.value === null || outcome.value === undefined) throw new Error('not found')
  return outcome.value
} // prettier-ignore

describe('whose record', () => {
  test('a patient has one, and only their own', async () => {
    expect(await chooseRecord(patient, otto)).toMatchObject({
      kind: 'record',
      record: { patientId: maria, kind: 'self', hasOthers: false },
    })
  })

  test('a proxy of several people is asked, and a choice that is not theirs counts as none', async () => {
    const both = await signInToPortal(records, 'proxy', [maria, otto], ['results'])
    expect(await chooseRecord(both, null)).toEqual({ kind: 'choose' })
    expect(await chooseRecord(both, randomUUID())).toEqual({ kind: 'choose' })
    expect(await chooseRecord(both, otto)).toMatchObject({ record: { patientId: otto, hasOthers: true } })
    expect((await nameRecords(both)).map(({ name }) => name)).toEqual(['Maria Reyes', 'Otto Other'])
  })

  test('a name is read by a part that was granted, and not at all without one', async () => {
    expect(await nameRecord(proxy, { patientId: maria, parts: ['results'] })).toMatchObject({
      firstName: 'Maria',
    })
    expect(await nameRecord(proxy, { patientId: maria, parts: ['billing'] })).toBeNull()
  })

  test('a grant that has ended opens nothing on the next page', async () => {
    const former = await signInToPortal(records, 'proxy', [maria], ['results'])
    expect((await openHome(former, maria)).kind).toBe('granted')
    await records.change([maria], (record) =>
      record.recordGrant.updateMany({
        where: { accountId: former.accountId },
        data: { endsAt: new Date(Date.now() - 1000) },
      }),
    )
    expect(await chooseRecord(former, null)).toEqual({ kind: 'none' })
    expect(await openHome(former, maria)).toEqual({ kind: 'denied', reason: 'no-relation' })
  })

  test('staff and the signed-out have none', async () => {
    expect(await chooseRecord(records.actors.nurse, maria)).toEqual({ kind: 'none' })
    const gone = records.actorOf({ ...(await records.cast.signIn('patient')), token: 'nobody' })
    expect(await chooseRecord(gone, maria)).toEqual({ kind: 'none' })
  })
})

describe('every page of a record', () => {
  const id = randomUUID()
  const verbs: [name: string, part: string, run: (actor: Actor, patientId: string) => Promise<{ kind: string }>][] = [
    ['home', 'results', openHome],
    ['results', 'results', (actor, patientId) => listResults(actor, patientId)],
    ['result', 'results', (actor, patientId) => readResult(actor, patientId, id)],
    ['summary', 'summary', openSummary],
    ['notes', 'notes', (actor, patientId) => listNotes(actor, patientId)],
    ['note', 'notes', (actor, patientId) => readNote(actor, patientId, id)],
  ] // prettier-ignore

  test.each(verbs)('%s opens for the patient and leaves a row', async (_name, _part, run) => {
    expect((await run(patient, maria)).kind).toBe('granted')
    expect(await lastRow(maria)).toMatchObject({ outcome: 'ALLOWED', actor_user_id: patient.accountId })
  })

  test.each(verbs)('%s of another patient is refused, and the attempt is in their trail', async (_name, _part, run) => {
    expect(await run(stranger, maria)).toEqual({ kind: 'denied', reason: 'no-relation' })
    expect(await lastRow(maria)).toMatchObject({ outcome: 'DENIED', reason: 'no-relation', actor_user_id: stranger.accountId })
  }) // prettier-ignore

  test.each(verbs)('%s opens for a proxy as far as its part was granted', async (_name, part, run) => {
    expect((await run(proxy, maria)).kind).toBe(part === 'results' ? 'granted' : 'denied')
    expect((await lastRow(maria))?.outcome).toBe(part === 'results' ? 'ALLOWED' : 'DENIED')
  })

  test.each(verbs)('%s is refused to every role of the clinic', async (_name, _part, run) => {
    for (const role of ['nurse', 'clinician', 'billing', 'admin', 'compliance'] as const)
      expect(await run(records.actors[role], maria)).toEqual({ kind: 'denied', reason: 'no-policy' })
  })

  test.each(verbs)('%s stays closed once the session has ended', async (_name, _part, run) => {
    const leaver = await signInToPortal(records, 'patient', [maria])
    await records.cast.sql.app.query(`SELECT app.session_end($1, 'sign-out')`, [leaver.sessionToken])
    expect(await run(leaver, maria)).toEqual({ kind: 'denied', reason: 'session-ended' })
  })
})

describe('results', () => {
  test('a new result out of range comes first on Home, without its value being opened', async () => {
    const own = await records.addPatient({ familyName: 'Home', givenName: 'Hanna' })
    const actor = await signInToPortal(records, 'patient', [own])
    const [, high] = await addResults(own, [
      { ...potassium, value: '4.2', valueNumber: 4.2, interpretation: 'normal', effectiveAt: daysAgo(90), issuedAt: daysAgo(90) },
      { ...potassium, value: '5.6', valueNumber: 5.6, interpretation: 'high', effectiveAt: daysAgo(1), issuedAt: daysAgo(1) },
      { display: 'Sodium', value: '140', interpretation: 'normal', effectiveAt: daysAgo(0.5), issuedAt: daysAgo(0.5) },
      { display: 'Old and high', value: '9', interpretation: 'high', effectiveAt: daysAgo(40), issuedAt: daysAgo(40) },
    ]) // prettier-ignore
    const home = granted(await openHome(actor, own))
    expect(home.whose.firstName).toBe('Hanna')
    expect(home.newCount).toBe(2)
    expect(home.attention.map(({ name }) => name)).toEqual(['Potassium', 'Sodium'])
    expect(home.attention[0]).toMatchObject({ id: high, flag: 'high', wasInRange: true, reviewed: false })
    expect((await lastRow(own))?.changed_fields).not.toHaveProperty(
      'Observation',
      expect.arrayContaining(['value']),
    )
  })

  test('a critical one comes before all others, and never more than three are named', async () => {
    const own = await records.addPatient()
    const actor = await signInToPortal(records, 'patient', [own])
    await addResults(own, [
      { display: 'High', value: '6', interpretation: 'high', effectiveAt: daysAgo(1) },
      { display: 'Critical', value: '7', interpretation: 'critical-low', effectiveAt: daysAgo(2) },
      { display: 'Normal', value: '1', interpretation: 'normal', effectiveAt: daysAgo(0.1) },
      { display: 'Unflagged', value: '1', effectiveAt: daysAgo(3) },
      { display: 'Cancelled', status: 'cancelled', effectiveAt: daysAgo(1) },
    ])
    const home = granted(await openHome(actor, own))
    expect(home.attention.map(({ name }) => name)).toEqual(['Critical', 'High', 'Unflagged'])
    expect(home.newCount).toBe(4)
  })

  test('a quiet record asks for nothing', async () => {
    const own = await records.addPatient()
    const actor = await signInToPortal(records, 'patient', [own])
    expect(granted(await openHome(actor, own))).toMatchObject({ attention: [], newCount: 0 })
    expect(granted(await listResults(actor, own))).toMatchObject({ results: [], next: null })
  })

  test('one shows its range, its review, what a correction replaced, and earlier values of the same test alone', async () => {
    const [older, newer] = await addResults(maria, [
      { ...potassium, value: '4.1', valueNumber: 4.1, interpretation: 'normal', effectiveAt: daysAgo(200) },
      { ...potassium, value: '4.5', valueNumber: 4.5, interpretation: 'normal', status: 'corrected', previousValue: '6.7', correctedAt: daysAgo(3), effectiveAt: daysAgo(4), note: 'Sample was hemolyzed.', reviewedAt: daysAgo(2), reviewedBy: records.actors.nurse.accountId },
      { display: 'INR', code: '6301-6', unit: '{INR}', value: '6.1', valueNumber: 6.1, interpretation: 'critical-high', effectiveAt: daysAgo(4) },
    ]) // prettier-ignore
    const view = granted(await readResult(patient, maria, newer ?? ''))
    expect(view.whose).toMatchObject({ name: 'Maria Reyes', birthDate: '1979-04-02' })
    expect(view.result).toMatchObject({
      value: '4.5', low: 3.5, high: 5.1, flag: 'normal', status: 'corrected', previousValue: '6.7', reviewed: true, comment: 'Sample was hemolyzed.',
    }) // prettier-ignore
    expect(view.result.plainName).toContain('mineral')
    expect(view.trend.map(({ value }) => value)).toEqual(['4.5', '4.1'])
    expect(view.newerId).toBeNull()
    expect(granted(await readResult(patient, maria, older ?? '')).newerId).toBe(newer)
  })

  test('a critical one keeps its flag, and a unit that is only a note is left out', async () => {
    const [id] = await addResults(maria, [{ display: 'INR', code: '6301-6', unit: '{INR}', value: '6.1', valueNumber: 6.1, interpretation: 'critical-high', effectiveAt: daysAgo(1) }]) // prettier-ignore
    const { result } = granted(await readResult(patient, maria, id ?? ''))
    expect(result).toMatchObject({ flag: 'critical-high', unit: null, reviewed: false })
  })

  test('one of another patient is not there, even for somebody who knows its id', async () => {
    const [id = ''] = await addResults(otto, [{ ...potassium, value: '4.0', effectiveAt: daysAgo(1) }])
    expect(await readResult(patient, maria, id)).toMatchObject({ kind: 'granted', value: null })
    expect((await readResult(patient, otto, id)).kind).toBe('denied')
  })

  test('one that is not ready, or a vital sign, is not a result', async () => {
    const ids = await addResults(maria, [
      { display: 'Awaited', status: 'registered', effectiveAt: daysAgo(1) },
      { display: 'Pulse', kind: 'vital-signs', effectiveAt: daysAgo(1) },
    ])
    for (const id of ids) expect(await readResult(patient, maria, id)).toMatchObject({ value: null })
  })

  test('are listed page by page without a gap or a repeat, newest first, those without a date last', async () => {
    const own = await records.addPatient()
    const actor = await signInToPortal(records, 'patient', [own])
    const made = await addResults(own, [
      ...Array.from({ length: 85 }, (_, index) => ({ display: `Test ${index}`, value: '1', interpretation: index % 9 === 0 ? 'high' : 'normal', effectiveAt: daysAgo(Math.floor(index / 5) * 10) })),
      { display: 'Undated', value: '1', interpretation: 'low', issuedAt: daysAgo(2000) },
    ]) // prettier-ignore
    const seen = await allPages((cursor) =>
      listResults(actor, own, { period: 'all', outOfRange: false, cursor }),
    )
    expect(new Set(seen.map(({ id }) => id))).toEqual(new Set(made))
    expect(seen).toHaveLength(made.length)
    expect(seen.map(({ collectedAt }) => collectedAt)).toEqual(
      seen.map(({ collectedAt }) => collectedAt).toSorted((a, b) => b.localeCompare(a)),
    )
    const out = await allPages((cursor) =>
      listResults(actor, own, { period: 'all', outOfRange: true, cursor }),
    )
    expect(out.map(({ flag }) => flag)).toEqual([...Array.from({ length: 10 }, () => 'high'), 'low'])
    const recent = granted(await listResults(actor, own, { period: '3-months', outOfRange: false }))
    expect(recent.results.every(({ collectedAt }) => Date.parse(collectedAt) > Date.now() - 93 * day)).toBe(
      true,
    )
  })

  test('a place in the list that was made up means its beginning', async () => {
    const first = granted(await listResults(patient, maria))
    const odd = granted(
      await listResults(patient, maria, { period: 'all', outOfRange: false, cursor: 'no-place' }),
    )
    expect(odd.results).toEqual(first.results)
  })
})

async function allPages<Row>(
  list: (cursor: string | undefined) => Promise<{ kind: 'granted'; value: { results: Row[]; next: string | null } | null } | { kind: 'denied'; reason: string }>,
): Promise<Row[]> {
  const rows: Row[] = []
  let cursor: string | undefined
  do {
    const page = granted(await list(cursor))
    rows.push(...page.results)
    cursor = page.next ?? undefined
  } while (cursor !== undefined)
  return rows
} // prettier-ignore

describe('health summary', () => {
  test('holds what is current, what is over, and the newest vital signs', async () => {
    const own = await records.addPatient({ familyName: 'Summary', givenName: 'Sam' })
    const actor = await signInToPortal(records, 'patient', [own])
    await records.change([own], async (record) => {
      const select = { id: true } as const
      const patientId = own
      await record.condition.create({ data: { patientId, display: 'Hypertension', clinicalStatus: 'active', onsetText: '2019-03' }, select })
      await record.condition.create({ data: { patientId, display: 'Broken arm', clinicalStatus: 'resolved' }, select })
      await record.condition.create({ data: { patientId, display: 'Mistake', verificationStatus: 'entered-in-error' }, select })
      await record.allergyIntolerance.create({ data: { patientId, kind: 'allergy', display: 'Pollen', criticality: 'low' }, select })
      await record.allergyIntolerance.create({ data: { patientId, kind: 'allergy', display: 'Penicillin', criticality: 'high', reactions: [{ manifestations: ['Hives'], severity: 'mild' }] }, select })
      await record.medicationRequest.create({ data: { patientId, status: 'active', display: 'Metformin', dosage: 'One tablet twice a day', refillsRemaining: 0 }, select })
      await record.medicationRequest.create({ data: { patientId, status: 'stopped', display: 'Ibuprofen' }, select })
      await record.medicationRequest.create({ data: { patientId, status: 'draft', display: 'Draft' }, select })
      await record.immunization.create({ data: { patientId, status: 'completed', display: 'Influenza', occurredAt: daysAgo(30) }, select })
      await record.immunization.create({ data: { patientId, status: 'not-done', display: 'Refused one' }, select })
      for (const [days, value] of [[10, 71], [1, 74]] as const)
        await record.observation.create({ data: { patientId, kind: 'vital-signs', status: 'final', code: '8867-4', display: 'Heart rate', valueNumber: value, value: String(value), unit: '/min', effectiveAt: daysAgo(days) }, select })
    }) // prettier-ignore
    const view = granted(await openSummary(actor, own))
    expect(view.conditions.active).toMatchObject([{ name: 'Hypertension', since: 'March 2019' }])
    expect(view.conditions.past.map(({ name }) => name)).toEqual(['Broken arm'])
    expect(view.allergies).toMatchObject({
      kind: 'listed',
      allergies: [{ name: 'Penicillin', reactions: 'Hives (mild)', highRisk: true }, { name: 'Pollen' }],
    })
    expect(view.medicines.active).toMatchObject([{ name: 'Metformin', refillsLeft: 0 }])
    expect(view.medicines.past).toMatchObject([{ name: 'Ibuprofen', status: 'stopped' }])
    expect(view.vaccines.map(({ name }) => name)).toEqual(['Influenza'])
    expect(view.vitals).toMatchObject([{ key: 'pulse', points: [{ value: '74' }, { value: '71' }] }])
  })

  test('tells "no known allergies" from nothing recorded', async () => {
    const [asked, unasked] = [await records.addPatient(), await records.addPatient()]
    await records.change([asked], (record) =>
      record.allergyIntolerance.create({
        data: { patientId: asked, kind: 'none-known', display: 'No known allergy', recordedAt: daysAgo(5) },
        select: { id: true },
      }),
    )
    const [a, b] = [await signInToPortal(records, 'patient', [asked]), await signInToPortal(records, 'patient', [unasked])]
    expect(granted(await openSummary(a, asked)).allergies).toMatchObject({ kind: 'none-known' })
    expect(granted(await openSummary(b, unasked)).allergies).toEqual({ kind: 'not-recorded' })
  }) // prettier-ignore
})

describe('notes', () => {
  type NoteClass = 'clinical' | 'mental-health' | 'substance-use' | 'psychotherapy'

  /** A note as it stands after signing, written past the door: only its author may write one through it. */
  const addNote = (patientId: string, noteClass: NoteClass, versions: readonly { status: string; title: string; body: string; reason?: string }[], status = 'signed') =>
    records.change([patientId], async (record) => {
      const authorId = records.actors.clinician.accountId
      const at = daysAgo(2)
      const note = await record.note.create({
        data: { patientId, class: noteClass, status, authorId, authoredAt: at, ...(status === 'draft' ? {} : { signedAt: at }), currentVersion: versions.length },
        select: { id: true },
      })
      for (const [index, version] of versions.entries())
        await record.noteVersion.create({
          data: { patientId, noteId: note.id, class: noteClass, number: index + 1, authorId, authorName: 'Dr. Ines Moreau', writtenAt: at, ...(version.status === 'draft' ? {} : { signedAt: at }), ...version },
          select: { id: true },
        })
      return note.id
    }) // prettier-ignore

  test('show every signed class but psychotherapy, and no draft', async () => {
    const own = await records.addPatient()
    const actor = await signInToPortal(records, 'patient', [own])
    const acting = await signInToPortal(records, 'proxy', [own], ['notes'])
    const text = (title: string, status = 'signed') => [{ status, title, body: `${title} body` }]
    const clinical = await addNote(own, 'clinical', text('Visit'))
    const mental = await addNote(own, 'mental-health', text('Mind'))
    const substance = await addNote(own, 'substance-use', text('Substance'))
    const psychotherapy = await addNote(own, 'psychotherapy', text('Private'))
    const draft = await addNote(own, 'clinical', text('Draft', 'draft'), 'draft')

    const ids = granted(await listNotes(actor, own)).notes.map(({ id }) => id)
    expect(new Set(ids)).toEqual(new Set([clinical, mental, substance]))
    expect(granted(await readNote(actor, own, mental))).toMatchObject({
      class: 'mental-health',
      current: { title: 'Mind', body: 'Mind body', author: 'Dr. Ines Moreau' },
    })
    for (const id of [psychotherapy, draft]) {
      expect(await readNote(actor, own, id)).toMatchObject({ kind: 'granted', value: null })
    }
    expect(granted(await listNotes(acting, own)).notes.map(({ id }) => id)).toEqual([clinical])
    for (const id of [mental, substance, psychotherapy, draft]) {
      expect(await readNote(acting, own, id)).toMatchObject({ kind: 'granted', value: null })
    }
  })

  test('an amended one shows what it said before, and not what is still being written', async () => {
    const own = await records.addPatient()
    const actor = await signInToPortal(records, 'patient', [own])
    const id = await addNote(own, 'clinical', [
      { status: 'signed', title: 'Visit', body: 'First text' },
      { status: 'signed', title: 'Visit', body: 'Second text', reason: 'Dose was wrong' },
      { status: 'draft', title: 'Visit', body: 'Third text' },
    ], 'amended') // prettier-ignore
    const note = granted(await readNote(actor, own, id))
    expect(note).toMatchObject({ status: 'amended', current: { number: 2, body: 'Second text', reason: 'Dose was wrong' } })
    expect(note.earlier.map(({ body }) => body)).toEqual(['First text'])
  }) // prettier-ignore

  test('a list opens titles and no texts', async () => {
    await listNotes(patient, maria)
    expect((await lastRow(maria))?.changed_fields).toMatchObject({ NoteVersion: ['title', 'authorName'] })
  })
})
