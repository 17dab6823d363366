import fc from 'fast-check'
import { expect, test } from 'vitest'
import { actions, purposes } from '#lib/policy/access.ts'
import { roles } from '#lib/policy/roles.ts'
import { parseTrailForm, trailOutcomes, trailZones } from './input.ts'
import { formatQuery, parseQuery } from './query-text.ts'

const people = [
  { accountId: '0a000000-0000-4000-8000-000000000001', name: 'Nadia Osei' },
  { accountId: '0a000000-0000-4000-8000-000000000002', name: 'Sam Lee' },
  { accountId: '0a000000-0000-4000-8000-000000000003', name: 'Sam Lee' },
]
const [nadia, sam] = people

const maybe = (values: fc.Arbitrary<string>) => fc.oneof(fc.constant(''), values)
const oneOf = (values: readonly string[]) =>
  maybe(fc.tuple(fc.constantFrom('', '-'), fc.constantFrom(...values)).map(([minus, value]) => minus + value))
const typed = maybe(fc.string({ maxLength: 40, unit: 'grapheme' }).map((text) => text.trim()))

test('every search that the form can hold is the same search when it was written out and read back', () => {
  const forms = fc.record({
    familyName: typed,
    givenName: typed,
    birthDate: typed,
    mrn: typed,
    period: fc.constantFrom('', '24h', '7d', '31d'),
    from: fc.constantFrom('', '2026-03-03T02:14'),
    to: fc.constantFrom('', '2026-03-03T03:00'),
    zone: fc.constantFrom(...trailZones),
    actor: oneOf([...people.map((person) => person.accountId), '0b000000-0000-4000-8000-000000000009']),
    role: oneOf(roles),
    action: oneOf(actions),
    outcome: oneOf(trailOutcomes),
    view: oneOf(['chart-summary', 'import']),
    purpose: oneOf(purposes),
    field: maybe(fc.constantFrom('body', 'familyName')),
    emergency: fc.constantFrom('', 'yes'),
    unexplained: fc.constantFrom('', 'yes'),
    address: typed,
    session: maybe(fc.uuid({ version: 4 })),
    request: maybe(fc.uuid({ version: 4 })),
  })
  fc.assert(
    fc.property(forms, (raw) => {
      const { form } = parseTrailForm(raw)
      const { raw: read, problems } = parseQuery(formatQuery(form, people), people)
      expect(problems).toEqual([])
      expect(parseTrailForm(read).form).toEqual(form.period === '' ? form : { ...form, from: '', to: '' })
    }),
    { numRuns: 500 },
  )
})

test('a query reads as it is meant: names in quotes, words in any case, a minus for all but that', () => {
  expect(parseQuery('Family:Reyes who:"nadia osei" -outcome:allowed action:Read last:7d', people)).toEqual({
    raw: { familyName: 'Reyes', actor: nadia?.accountId, outcome: '-ALLOWED', action: 'READ', period: '7d' },
    problems: [],
  })
  const form = parseTrailForm({ actor: `-${sam?.accountId}`, period: '24h' }).form
  expect(formatQuery(form, people)).toBe(`-who:${sam?.accountId} last:24h zone:America/Chicago`)
})

test.each([
  ['Reyes', 'not understood'],
  ['family:', 'not understood'],
  ['colour:red', 'not understood'],
  ['role:nurse role:billing', 'twice'],
  ['-family:Reyes', 'cannot be excluded'],
  ['who:"Sam Lee"', 'more than one'],
  ['who:Nobody', 'no member of staff'],
  ['last:9y', '24h, 7d, 31d'],
  ['emergency:no', 'yes'],
])('what is not understood is named, not left out: %s', (query, message) => {
  expect(parseQuery(query, people).problems).toEqual([
    { field: 'query', message: expect.stringContaining(message) as string },
  ])
})

test('a query of ten megabytes is read in no time, and not to its end', () => {
  expect(parseQuery('family:x '.repeat(1_000_000), people).problems.length).toBeLessThan(300)
  expect(parseQuery(`family:"${'\\'.repeat(10_000_000)}`, people).problems.length).toBeLessThan(3)
})
