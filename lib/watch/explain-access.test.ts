import { describe, expect, test } from 'vitest'
import { anAccess } from '#lib/testing/watch-facts.ts'
import { explainAccess } from './explain-access.ts'

const tags = (care: Parameters<typeof anAccess>[0], rest: Parameters<typeof anAccess>[1] = {}) =>
  explainAccess(anAccess(care, rest)).tags

describe('an access is explained', () => {
  test.each([
    ['E1', { ownVisit: -30 }, { ownVisit: -31 }],
    ['E1', { ownVisit: 14 }, { ownVisit: 15 }],
    ['E2', { teamVisit: -14 }, { teamVisit: -15 }],
    ['E2', { teamVisit: 14 }, { teamVisit: 15 }],
    ['E3', { orderAge: 60 }, { orderAge: 61 }],
    ['E4', { assignmentAge: 14 }, { assignmentAge: 15 }],
    ['E7', { explainedAge: 90 }, { explainedAge: 91 }],
  ] as const)('by %s to the last day, and not beyond it', (tag, inside, outside) => {
    expect(tags(inside)).toEqual([tag])
    expect(tags(outside)).toEqual([])
  })

  test('by what lies ahead only where a window reaches ahead', () => {
    expect(tags({ orderAge: -1 })).toEqual([])
    expect(tags({ assignmentAge: -1 })).toEqual([])
  })

  test('by a claim for billing alone, and by a team’s visit for everybody but billing', () => {
    expect(tags({ claimAge: 60 }, { role: 'billing' })).toEqual(['E5'])
    expect(tags({ claimAge: 61 }, { role: 'billing' })).toEqual([])
    expect(tags({ claimAge: 5 })).toEqual([])
    expect(tags({ teamVisit: 0 }, { role: 'billing' })).toEqual([])
  })

  test('by any visit for desk work alone', () => {
    expect(tags({ anyVisit: 30 }, { isDeskWork: true })).toEqual(['E6'])
    expect(tags({ anyVisit: -8 }, { isDeskWork: true })).toEqual([])
    expect(tags({ anyVisit: 0 })).toEqual([])
  })

  test('not by a broken glass, which is said all the same', () => {
    expect(explainAccess(anAccess({}, { hasBrokenGlass: true }))).toEqual({
      tags: ['E9'],
      isExplained: false,
      isInItsOwnRight: false,
    })
  })

  test('by a repeat that is not in its own right: it explains no third one', () => {
    expect(explainAccess(anAccess({ explainedAge: 3 }))).toMatchObject({
      isExplained: true,
      isInItsOwnRight: false,
    })
    expect(explainAccess(anAccess({ explainedAge: 3, orderAge: 1 }))).toMatchObject({ isInItsOwnRight: true })
  })
})
