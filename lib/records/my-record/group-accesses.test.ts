import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { fieldsInWords } from './field-words.ts'
import { groupAccesses, isOwnSide, type AccessRow } from './group-accesses.ts'

const row = (over: Partial<AccessRow> = {}): AccessRow => ({
  id: over.id ?? over.at ?? 'row',
  at: '2026-11-22T15:04:00.000Z',
  actorId: 'nadia',
  actor: { name: 'Nadia Osei', title: 'Nurse', role: 'nurse', relation: 'care', isOwn: false },
  action: 'READ',
  view: 'chart-summary',
  fields: { Patient: ['familyName'] },
  purpose: 'TREAT',
  refused: false,
  emergency: false,
  ...over,
})

describe('grouping', () => {
  test('the day is the clinic’s: 11 p.m. and 1 a.m. in Chicago are two days', () => {
    const days = groupAccesses(
      [row({ at: '2026-11-22T07:00:00Z' }), row({ at: '2026-11-22T05:00:00Z' })],
      'self',
    )
    expect(days.map(({ day }) => day)).toEqual(['2026-11-22', '2026-11-21'])
  })

  test('the same again is counted; another part, another outcome or another person is not the same', () => {
    const [day] = groupAccesses(
      [
        row({ at: '2026-11-22T15:04:00Z' }),
        row({ at: '2026-11-22T15:03:00Z', view: 'chart-notes' }),
        row({ at: '2026-11-22T15:02:00Z' }),
        row({ at: '2026-11-22T15:01:00Z', refused: true }),
        row({ at: '2026-11-22T15:00:00Z', actorId: 'ines' }),
      ],
      'self',
    )
    expect(day?.accesses.map(({ times }) => times.length)).toEqual([2, 1, 1, 1])
    expect(day?.accesses[0]?.times).toEqual(['2026-11-22T15:04:00Z', '2026-11-22T15:02:00Z'])
  })

  test('loses and repeats nothing', () => {
    const made = fc.record({
      at: fc.date({ min: new Date('2026-01-01'), max: new Date('2026-12-31'), noInvalidDate: true }).map((date) => date.toISOString()),
      actorId: fc.constantFrom('a', 'b', 'c'),
      view: fc.constantFrom('chart-summary', 'billing-account', null),
      refused: fc.boolean(),
    }) // prettier-ignore
    fc.assert(
      fc.property(fc.array(made), (rows) => {
        const grouped = groupAccesses(rows.map((over) => row(over)), 'self')
        const times = grouped.flatMap(({ accesses }) => accesses.flatMap((access) => access.times))
        expect(times.toSorted()).toEqual(rows.map(({ at }) => at).toSorted())
      }),
    ) // prettier-ignore
  })

  test('a refused attempt by somebody with a portal account is not "own"', () => {
    const actor = { name: null, title: null, role: 'patient', relation: null, isOwn: false }
    expect(isOwnSide(row({ actor, refused: true }))).toBe(false)
    expect(isOwnSide(row({ actor: { ...actor, relation: 'self' } }))).toBe(true)
    expect(isOwnSide(row())).toBe(false)
  })
})

test('fields are told in words, and what is no list of fields is told by silence', () => {
  expect(fieldsInWords({ Patient: ['familyName', 'mrn'], Observation: ['valueNumber'], Claim: [] })).toEqual([
    { about: 'Who you are', fields: ['family name', 'record number'] },
    { about: 'Results and vital signs', fields: ['value as a number'] },
  ])
  for (const odd of [null, 'text', 3, { Patient: 'familyName' }]) expect(fieldsInWords(odd)).toEqual([])
})
