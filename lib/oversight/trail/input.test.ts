import { expect, test } from 'vitest'
import { parseTrailForm } from './input.ts'

const base = {
  familyName: 'Reyes',
  givenName: 'Maria',
  from: '2026-11-22T09:00',
  to: '2026-11-22T09:10',
  zone: 'America/Chicago',
}

test('a period takes in its last minute and is read in the zone that was chosen', () => {
  expect(parseTrailForm(base).input?.period).toEqual({
    from: '2026-11-22T15:00:00.000Z',
    to: '2026-11-22T15:11:00.000Z',
  })
})

test('a time that the clocks skipped is refused with a sentence, not moved silently', () => {
  const { input, problems } = parseTrailForm({ ...base, from: '2026-03-08T02:14', to: '2026-03-08T04:00' })
  expect(input).toBeNull()
  expect(problems).toEqual([
    { field: 'from', message: expect.stringContaining('does not exist in this time zone') as string },
  ])
})

test('a time that came twice is searched in both its instants', () => {
  const { input } = parseTrailForm({ ...base, from: '2026-11-01T01:30', to: '2026-11-01T01:30' })
  expect(input?.period).toEqual({ from: '2026-11-01T06:30:00.000Z', to: '2026-11-01T07:31:00.000Z' })
})

test.each([
  [{ to: '2026-11-22T08:00' }, 'to'],
  [{ from: '' }, 'from'],
  [{ givenName: '' }, 'givenName'],
  [{ familyName: '' }, 'familyName'],
  [{ birthDate: '1979-04-02', familyName: '' }, 'familyName'],
  [{ address: 'x; DROP TABLE' }, 'address'],
  [{ from: '2020-01-01T00:00' }, 'to'],
])('a form that cannot be answered names the field: %j', (change, field) => {
  const { input, problems } = parseTrailForm({ ...base, ...change })
  expect(input).toBeNull()
  expect(problems.map((problem) => problem.field)).toContain(field)
})

test('choices that are not on the list are no choice', () => {
  expect(
    parseTrailForm({ ...base, actor: 'nobody', outcome: '<script>', zone: 'Mars/Base', view: 'x' }).form,
  ).toMatchObject({
    actor: '',
    outcome: '',
    zone: 'America/Chicago',
    view: '',
  })
})

test('ten megabytes, a file or nothing in a field is no error of the page', () => {
  const { form } = parseTrailForm({
    ...base,
    familyName: 'x'.repeat(10_000_000),
    mrn: new Blob(['x']),
    address: undefined,
  })
  expect(form).toMatchObject({ familyName: 'x'.repeat(200), mrn: '', address: '' })
})
