import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { breakGlassSteps } from '#lib/testing/break-glass-steps.ts'
import { makeRecordCast, type RecordCast } from '#lib/testing/record-cast.ts'
import type { Actor } from '#lib/policy/actor.ts'
import { openChart } from '#lib/records/chart/open-chart.ts'
import { listIncidentPeople } from '#lib/oversight/incidents/list-incident-people.ts'
import { reportIncident } from '#lib/oversight/incidents/report-incident.ts'
import { listIncidents } from '#lib/oversight/incidents/list-incidents.ts'
import { readIncident } from '#lib/oversight/incidents/read-incident.ts'
import { openIncident, readIncidentInput, writeIncident } from '#lib/oversight/incidents/write-incident.ts'
import { emptyFind, findForEmergency, openFind } from './find-for-emergency.ts'
import { listBreakGlass } from './list-break-glass.ts'
import { answerQuestion, listMyBreakGlass, openLeaseFor, readMyBreakGlass } from './my-break-glass.ts'
import { endBreakGlass, openBreakGlass } from './open-break-glass.ts'
import { readBreakGlass } from './read-break-glass.ts'
import { requestBreakGlass } from './request-break-glass.ts'
import { reviewBreakGlass } from './review-break-glass.ts'

let records: RecordCast
let steps: ReturnType<typeof breakGlassSteps>
let patientId: string
let clinician: Actor
let compliance: Actor
beforeAll(async () => {
  records = await makeRecordCast()
  steps = breakGlassSteps(records.cast)
  patientId = await records.addPatient({ familyName: 'Zweig', givenName: 'Ottilie', birthDate: '1931-07-12', mrn: 'ZX-4711' }) // prettier-ignore
  ;({ clinician, compliance } = records.actors)
})
afterAll(async () => records.close())

const find = async (actor: Actor, form: Partial<typeof emptyFind>) => {
  const answer = await findForEmergency(actor, { ...emptyFind, ...form })
  return answer.kind === 'kept' ? openFind(actor, answer.id) : answer
}
const name = { familyName: 'zweig', givenName: 'OTTILIE', birthMonth: '7', birthDay: '12', birthYear: '1931' }
const words = 'She was found in the street, and her team is away.'
const ask = (actor: Actor, text: string) => requestBreakGlass(actor, { patient: patientId, kind: 'PATIENT', reason: 'COVERING', words: text }) // prettier-ignore
const tokenOf = (actor: Actor) => ({ token: actor.sessionToken, accountId: actor.accountId })

async function broken(actor: Actor, text: string): Promise<string> {
  await find(actor, { mrn: 'ZX-4711' })
  const asked = await ask(actor, text)
  if (asked.kind !== 'requested') throw new Error(JSON.stringify(asked))
  await steps.prove(tokenOf(actor))
  expect(await openBreakGlass(actor, asked.leaseId)).toBeNull()
  return asked.leaseId
}

describe('finding', () => {
  test('is by MRN, or by the whole name and the birth date; less is a problem of the form, and nobody else is told', async () => {
    expect(await find(clinician, { mrn: 'zx-4711' })).toEqual({ kind: 'found', patientId, typed: 'MRN zx-4711' }) // prettier-ignore
    expect(await find(clinician, name)).toMatchObject({ kind: 'found', patientId })
    expect(await find(clinician, { ...name, givenName: 'Otto' })).toEqual({ kind: 'nobody' })
    expect(await find(clinician, { familyName: 'Zweig' })).toMatchObject({
      kind: 'problems',
      problems: [{ field: 'givenName' }, { field: 'birth' }],
    })
    expect(await find(records.actors.billing, { mrn: 'ZX-4711' })).toEqual({ kind: 'nobody' })
    expect(await find(clinician, { familyName: 'x'.repeat(10_000_000) })).toMatchObject({ kind: 'problems' })
  })

  test('an answer that was kept opens for nobody else', async () => {
    const answer = await findForEmergency(clinician, { ...emptyFind, mrn: 'ZX-4711' })
    if (answer.kind !== 'kept') throw new Error('not kept')
    expect(await openFind(records.actors.nurse, answer.id)).toEqual({ kind: 'expired' })
    expect(await openFind(clinician, 'no id')).toEqual({ kind: 'expired' })
  })
})

test('a chart opens under a lease, and shuts when it is ended; the words are kept encrypted and are not used twice', async () => {
  expect(await openChart(clinician, patientId)).toMatchObject({ kind: 'denied' })
  expect(await openLeaseFor(clinician, patientId)).toBeNull()
  const leaseId = await broken(clinician, words)
  expect(await openChart(clinician, patientId)).toMatchObject({ kind: 'granted' })
  const bar = await openLeaseFor(clinician, patientId)
  expect(bar).toMatchObject({ id: leaseId, kind: 'PATIENT' })
  expect(bar?.millisecondsLeft).toBeGreaterThan(59 * 60_000)
  expect(await openLeaseFor(records.actors.nurse, patientId)).toBeNull()

  const stored = await records.raw(`SELECT to_jsonb(b)::text || t.content_sealed AS all FROM audit.break_glass b JOIN app.sealed_text t ON t.id = b.reason_text_id WHERE b.id = $1`, [leaseId]) // prettier-ignore
  expect(JSON.stringify(stored)).not.toMatch(/street|Zweig/)
  const events = await records.raw(
    `SELECT detail FROM audit.security_event_log WHERE event_type ~ 'BREAK_GLASS'`,
  )
  expect(JSON.stringify(events)).not.toMatch(/street|Zweig/)

  expect(await endBreakGlass(clinician, leaseId)).toBeNull()
  expect(await openChart(clinician, patientId)).toMatchObject({ kind: 'denied' })
  expect(await ask(clinician, `  ${words.toUpperCase()} `)).toMatchObject({
    kind: 'problems',
    problems: [{ field: 'words' }],
  })
  expect(await ask(clinician, 'short')).toMatchObject({ kind: 'problems', problems: [{ field: 'words' }] })
  expect((await listMyBreakGlass(clinician)).map(({ state }) => state)).toEqual(['Waits for review'])
})

test('compliance reads the words and what was opened; asks, is answered, decides; and each reading is on record', async () => {
  const [lease] = await listBreakGlass(compliance, false)
  const leaseId = lease?.id ?? ''
  const read = await readBreakGlass(compliance, leaseId)
  expect(read).toMatchObject({
    words,
    reason: 'Covering for the care team',
    can: { decide: true, sign: false },
  })
  expect(read?.opened.map(({ what }) => what)).toContain('Opened')
  expect(JSON.stringify(read)).not.toContain('Zweig')
  expect(read?.isCut).toBe(false)
  expect(await reviewBreakGlass(compliance, leaseId, 'NEEDS_INFO', 'Who called you to her that night?')).toBeNull() // prettier-ignore
  expect((await readMyBreakGlass(clinician, leaseId))?.entries).toMatchObject([{ text: 'Who called you to her that night?' }]) // prettier-ignore
  expect(await readMyBreakGlass(records.actors.nurse, leaseId)).toBeNull()
  expect(await answerQuestion(clinician, leaseId, 'short')).toMatchObject({ field: 'answer' })
  expect(await answerQuestion(clinician, leaseId, 'The ambulance, at three in the morning.')).toBeNull()
  expect(await reviewBreakGlass(compliance, leaseId, 'JUSTIFIED', 'The ambulance says the same.')).toBeNull()
  expect((await readBreakGlass(compliance, leaseId))?.entries.map(({ title }) => title)).toEqual(['Asked', 'Answered', 'Found justified']) // prettier-ignore
  expect(await listBreakGlass(compliance, false)).toEqual([])
  const readings = await records.raw(`SELECT detail ->> 'id' AS id FROM audit.security_event_log WHERE event_type = 'BREAK_GLASS_READ' AND outcome = 'DONE'`) // prettier-ignore
  expect(readings.filter(({ id }) => id === leaseId)).toHaveLength(2)
  for (const actor of [records.actors.admin, records.actors.nurse, records.actors.billing]) {
    expect(await listBreakGlass(actor, false)).toEqual([])
    expect(await readBreakGlass(actor, leaseId)).toBeNull()
    expect(await listIncidents(actor)).toEqual([])
  }
})

test('of an access that opened more than a page shows, it is said that there is more', async () => {
  const [lease] = await listBreakGlass(compliance, true)
  await records.raw(
    `INSERT INTO audit.patient_phi_audit_log (actor_user_id, actor_role, db_role, request_id, patient_id, action_type, view, purpose, outcome, relation, break_glass_id)
     SELECT $1, 'clinician', 'phi_clinician', gen_random_uuid(), $2, 'READ', 'chart-summary', 'ETREAT', 'ALLOWED', 'emergency', $3 FROM generate_series(1, 500)`,
    [clinician.accountId, patientId, lease?.id],
  )
  const read = await readBreakGlass(compliance, lease?.id ?? '')
  expect(read?.opened).toHaveLength(500)
  expect(read?.isCut).toBe(true)
})

describe('an incident', () => {
  const assessment = (outcome: string) => {
    const read = readIncidentInput({ kind: 'ASSESSMENT', note: 'The letter came back unopened.', nature: 'LOW', recipient: 'LOW', acquired: 'LOW', mitigated: 'LOW', outcome }) // prettier-ignore
    if (read.kind !== 'read') throw new Error(JSON.stringify(read))
    return read.input
  }
  const note = (kind: 'NOTE' | 'PATIENT_TOLD' | 'CLOSED') => ({
    kind,
    note: 'Something that is long enough.',
  })

  test('comes from an emergency access that two people found not justified, is assessed, told of and closed, in that order', async () => {
    const leaseId = await broken(clinician, 'I wanted to see how an old friend is doing.')
    await endBreakGlass(clinician, leaseId)
    const second = records.actorOf(await records.cast.signIn('compliance', 'Olga Brandt'))
    expect(await reviewBreakGlass(compliance, leaseId, 'UNJUSTIFIED', 'A friend is no emergency.')).toBeNull()
    expect((await readBreakGlass(compliance, leaseId))?.can).toMatchObject({ sign: false, isFirstSigner: true }) // prettier-ignore
    expect(await reviewBreakGlass(compliance, leaseId, 'CONFIRMED', 'A friend is no emergency.')).toContain(
      'another person',
    )
    expect(
      await reviewBreakGlass(second, leaseId, 'CONFIRMED', 'I read the same in it as she did.'),
    ).toBeNull()

    const incidentId = (await readBreakGlass(compliance, leaseId))?.incidentId ?? ''
    expect(await readIncident(compliance, incidentId)).toMatchObject({
      sourceKind: 'BREAK_GLASS',
      accusedName: 'Ines Moreau',
      state: 'To assess',
      entries: [{ title: 'Opened', text: 'I read the same in it as she did.' }],
    })
    expect(await writeIncident(compliance, incidentId, note('CLOSED'))).toContain('Assess')
    expect(await writeIncident(compliance, incidentId, assessment('BREACH'))).toBeNull()
    expect(await writeIncident(compliance, incidentId, note('CLOSED'))).toContain('the patient was told')
    expect(await writeIncident(compliance, incidentId, assessment('LOW_PROBABILITY'))).toContain(
      'Somebody else',
    )
    expect(await writeIncident(compliance, incidentId, note('PATIENT_TOLD'))).toBeNull()
    expect(await writeIncident(compliance, incidentId, note('CLOSED'))).toBeNull()
    expect(await writeIncident(compliance, incidentId, note('NOTE'))).toContain('closed')
    expect((await readIncident(compliance, incidentId))?.entries[1]?.facts).toHaveLength(5)
  })

  test('that is reported by hand is kept from whom it names, a compliance officer too', async () => {
    const accused = records.actorOf(await records.cast.signIn('compliance', 'Piet Vos'))
    const text = 'Was seen to print records for a neighbour.'
    const people = await listIncidentPeople(compliance)
    expect(people.map(({ value }) => value)).toContain(accused.accountId)
    for (const wrong of [compliance.accountId, patientId, 'x', records.actors.patient.accountId])
      expect(await reportIncident(compliance, wrong, text)).toMatchObject({
        kind: 'refused',
        field: 'accused',
      })
    expect(await reportIncident(compliance, '', 'short')).toMatchObject({ kind: 'refused', field: 'note' })
    expect(await reportIncident(records.actors.admin, '', text)).toMatchObject({ kind: 'refused' })
    const opened = await reportIncident(compliance, accused.accountId, text)
    if (opened.kind !== 'opened') throw new Error(opened.message)
    expect(await readIncident(compliance, opened.incidentId)).toMatchObject({ accusedName: 'Piet Vos' })
    expect(await readIncident(accused, opened.incidentId)).toBeNull()
    expect(await writeIncident(accused, opened.incidentId, note('CLOSED'))).toContain('Nobody decides')
    const nameless = await reportIncident(compliance, '', text)
    expect(nameless).toMatchObject({ kind: 'opened' })
  })

  test('is never opened, read or written by the one whom it is about, nor without a fresh second factor, nor twice', async () => {
    const accused = records.actorOf(await records.cast.signIn('compliance', 'Piet Vos'))
    const [about] = await records.raw<{ id: string }>(
      `INSERT INTO audit.watch_case (actor_id, patient_id, day, score, findings, tags, rank) VALUES ($1, $2, current_date, 9, '[]', '{}', 1) RETURNING id`,
      [accused.accountId, patientId],
    )
    // who it is about is read from the case, whatever is said
    const from = { source: 'CASE', sourceId: about?.id ?? '', accusedId: null, patientId: null } as const
    const text = 'Looked at a neighbour’s record without a reason.'
    expect(await openIncident(accused, from, text)).toMatchObject({ kind: 'refused' })
    expect(await openIncident(accused, { ...from, source: 'CONCERN' }, text)).toMatchObject({
      kind: 'refused',
    })
    expect(await openIncident(records.actors.admin, from, text)).toMatchObject({ kind: 'refused' })
    expect(await openIncident(compliance, { ...from, sourceId: patientId }, text)).toMatchObject({
      kind: 'refused',
    })
    const opened = await openIncident(compliance, from, text)
    if (opened.kind !== 'opened') throw new Error(opened.message)
    expect(await openIncident(compliance, from, text)).toMatchObject({ kind: 'refused' })
    const { incidentId } = opened
    expect(await readIncident(accused, incidentId)).toBeNull()
    expect((await listIncidents(accused)).map(({ id }) => id)).not.toContain(incidentId)
    expect(await writeIncident(accused, incidentId, note('NOTE'))).toContain('Nobody decides')
    expect(
      await records.raw('SELECT accused_id, patient_id FROM audit.incident WHERE id = $1', [incidentId]),
    ).toEqual([{ accused_id: accused.accountId, patient_id: patientId }])
    expect(
      await records.raw('SELECT FROM app.notice WHERE account_id = $1 AND reference = $2', [
        accused.accountId,
        incidentId,
      ]),
    ).toEqual([])
    await steps.prove(tokenOf(compliance), 301)
    expect(await writeIncident(compliance, incidentId, assessment('LOW_PROBABILITY'))).toContain('code')
    expect(await writeIncident(compliance, incidentId, note('NOTE'))).toBeNull()
    await steps.prove(tokenOf(compliance))
    expect(await writeIncident(compliance, incidentId, assessment('LOW_PROBABILITY'))).toBeNull()
    expect(readIncidentInput({ kind: 'ASSESSMENT', note: 'long enough to be a note' })).toMatchObject({ kind: 'problems' }) // prettier-ignore
  })
})
