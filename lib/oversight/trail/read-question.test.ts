import { expect, test } from 'vitest'
import { parseTrailForm } from './input.ts'
import { readQuestion } from './read-question.ts'

const maria = { familyName: 'Reyes', givenName: 'Maria', zone: 'America/Chicago' }
const period = (raw: Record<string, string>): unknown => {
  const { form } = readQuestion({ ...maria, ...raw })
  return form && parseTrailForm(form).input?.period
}

test('a time takes in the five minutes around it, a day without a time the whole day', () => {
  expect(period({ date: '2026-03-03', time: '02:14' })).toEqual({
    from: '2026-03-03T08:09:00.000Z',
    to: '2026-03-03T08:20:00.000Z',
  })
  expect(period({ date: '2026-03-03', time: '' })).toEqual({
    from: '2026-03-03T06:00:00.000Z',
    to: '2026-03-04T06:00:00.000Z',
  })
})

test('a time that the clocks skipped is refused with a sentence; one that came twice is searched in both hours', () => {
  const skipped = readQuestion({ ...maria, date: '2026-03-08', time: '02:14' })
  expect(skipped.form).toBeNull()
  expect(skipped.problems).toEqual([
    { field: 'time', message: expect.stringContaining('does not exist') as string },
  ])
  expect(period({ date: '2026-11-01', time: '01:30' })).toEqual({
    from: '2026-11-01T06:25:00.000Z',
    to: '2026-11-01T07:36:00.000Z',
  })
})

test.each([
  [{ date: '2026-02-30' }, 'date'],
  [{ date: '2026-03-03', time: 'soon' }, 'time'],
  [{ date: '2026-03-03', givenName: '' }, 'givenName'],
  [{ date: '2026-03-03', familyName: '', givenName: '' }, 'familyName'],
])('a question that cannot be answered names the field: %j', (change, field) => {
  const { form, problems } = readQuestion({ ...maria, ...change })
  expect(form).toBeNull()
  expect(problems.map((problem) => problem.field)).toEqual([field])
})

test('a record number is enough, and the name beside it is not searched for', () => {
  const { form } = readQuestion({ ...maria, mrn: 'RV-20417', date: '2026-03-03' })
  expect(form).toMatchObject({ mrn: 'RV-20417' })
  expect(form).not.toHaveProperty('familyName')
})
