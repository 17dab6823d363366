import { afterAll, beforeAll, expect, test } from 'vitest'
import { watchAccesses } from '#lib/ops/watch/watch-accesses.ts'
import { admit } from '#lib/testing/door-cast.ts'
import { makeRecordCast, type RecordCast } from '#lib/testing/record-cast.ts'
import { countCases } from './count-cases.ts'
import { decideCase, readDecision } from './decide-case.ts'
import { openCase } from './open-case.ts'
import { openCases } from './open-cases.ts'
import { endMark, markRecord, readMark } from './mark-record.ts'
import { openMarks } from './open-marks.ts'

// What an officer sees and does, from a look at a confidential record to the decision about it.

let of: RecordCast
beforeAll(async () => {
  of = await makeRecordCast()
})
afterAll(() => of.close())

const tooOld = 'Enter a new one'
/** Makes the second factor of the officer so many minutes old. */
const prove = (minutesAgo: number) =>
  of.raw(
    'UPDATE app.session SET second_factor_at = app.now() - make_interval(mins => $2) WHERE account_id = $1',
    [of.actors.compliance.accountId, minutesAgo],
  )
const reason = 'She covered for a colleague that night; the roster shows it.'

test('a look at a marked record becomes a case in words, is decided once, and the reason stays sealed', async () => {
  const { compliance, nurse } = of.actors
  const patient = await of.addPatient(
    { familyName: 'Quimby', givenName: 'Zelda', birthDate: '1970-02-03', mrn: 'Q-1' },
    nurse,
  )
  // put on the care team long ago: an assignment of yesterday would explain the look
  await of.raw('SET session_replication_role = replica')
  await of.raw(
    `UPDATE phi.care_relationship SET starts_at = starts_at - interval '30 days' WHERE patient_id = $1`,
    [patient],
  )
  await of.raw('RESET session_replication_role')
  const form = { kind: 'CONFIDENTIAL', account: '', familyName: '', givenName: '', birthDate: '', mrn: 'Q-1' }
  const mark = async (raw: Record<string, string>) => {
    const read = readMark(raw)
    return read.kind === 'read' ? markRecord(compliance, read.mark) : read.problems
  }
  expect(await mark({ ...form, kind: '' })).toMatchObject([{ field: 'kind' }])
  expect(await mark({ ...form, kind: 'STAFF' })).toMatchObject([{ field: 'account' }])
  expect(await mark({ ...form, mrn: '', familyName: 'Quimby' })).toMatchObject([{ field: 'familyName' }])
  expect(await mark({ ...form, mrn: 'no such number' })).toMatchObject([{ message: 'No patient matches' }])
  await prove(6)
  expect(await mark(form)).toMatchObject([{ field: '', message: expect.stringContaining(tooOld) as string }])
  await prove(0)
  expect(await mark(form)).toEqual([])
  await admit(of.cast.sql.app, of.cast.people.nurse, 'chart-summary', 'READ', [patient])
  await watchAccesses(new AbortController().signal)

  expect(await countCases(compliance)).toBe(1)
  const list = await openCases(compliance, 'OPEN', null)
  const [found] = list?.cases ?? []
  expect(found).toMatchObject({ actorName: 'Nadia Osei', state: 'OPEN', score: 6 })
  expect(found?.patientReference).toMatch(/^P-/)
  const detail = await openCase(compliance, found?.id ?? '')
  expect(detail?.summary.findings.map(({ title }) => title)).toEqual([
    'Confidential record',
    'Nothing documented explains it',
  ])
  expect(detail?.missing).toContain('an order or entry by this person within 60 days')
  expect(detail?.accesses).toMatchObject([{ isExplained: false, action: 'Read' }])
  expect(detail?.isCut).toBe(false)

  const decide = async (kind: string, text = reason, days = '') => {
    const read = readDecision({ kind, reason: text, days })
    return read.kind === 'read' ? decideCase(compliance, found?.id ?? '', read.decision) : read.problems
  }
  expect(await decide('')).toMatchObject([{ field: 'kind' }])
  expect(await decide('EXPLAINED', 'too short')).toMatchObject([{ field: 'reason' }])
  expect(await decide('SUPPRESSED', reason, '400')).toMatchObject([{ field: 'days' }])
  expect(await decide('SUPPRESSED')).toMatchObject([{ field: 'days' }])
  await prove(6)
  expect(await decide('ESCALATED')).toContain(tooOld)
  await prove(0)
  expect(await decide('ESCALATED')).toBeNull()
  expect(await decide('EXPLAINED')).toContain('in the meantime')
  expect((await openCase(compliance, found?.id ?? ''))?.decisions).toMatchObject([
    { kind: 'ESCALATED', reason, until: null },
  ])
  expect(await of.raw('SELECT accused_id FROM audit.incident')).toEqual([{ accused_id: nurse.accountId }])
  expect(JSON.stringify(await of.raw('SELECT * FROM app.sealed_text'))).not.toContain('roster')
  expect(await countCases(compliance)).toBe(0)

  const { marks } = await openMarks(compliance)
  expect(marks).toMatchObject([{ kind: 'CONFIDENTIAL', notedBy: 'Carla Nwosu' }])
  await prove(6)
  expect(await endMark(compliance, marks[0]?.id ?? '')).toContain(tooOld)
  await prove(0)
  expect(await endMark(compliance, marks[0]?.id ?? '')).toBeNull()
  expect(await endMark(compliance, 'x')).toContain('ended already')
})

test('nobody else gets any of it', async () => {
  for (const role of ['nurse', 'admin', 'patient'] as const) {
    const actor = of.actors[role]
    expect(await openCases(actor, 'ALL', null)).toBeNull()
    expect(await openCase(actor, '00000000-0000-4000-8000-000000000000')).toBeNull()
    expect(await countCases(actor)).toBe(0)
    expect(await openMarks(actor)).toEqual({ marks: [], own: [] })
  }
  expect(await openCase(of.actors.compliance, 'not an id')).toBeNull()
})
