import { describe, expect, test } from 'vitest'
import { accessDetectors, actorDetectors, findingInWords } from './detectors.ts'
import type { Rule } from './detectors/detector.ts'
import { evenRun } from './even-run.ts'
import { extendHistory } from './extend-history.ts'
import { judgeDay, type Observation } from './judge-day.ts'
import { makeCases } from './make-cases.ts'
import { rankCases } from './rank-cases.ts'
import { poissonTail } from './statistics/poisson-tail.ts'
import { quantile } from './statistics/quantile.ts'
import { robustSpread } from './statistics/robust-spread.ts'
import { aDay, aHistory, anAccess } from '#lib/testing/watch-facts.ts'

const norms = { exportedP99: 6, brokenGlassesP99: 1 }
const ofAccess = (rule: Rule, access = anAccess(), isExplained = false, history = aHistory(30)) =>
  accessDetectors.find((each) => each.rule === rule)?.detect(access, isExplained, history) ?? null
const ofDay = (rule: Rule, day = aDay(), history = aHistory(30)) =>
  actorDetectors.find((each) => each.rule === rule)?.detect(day, history, norms) ?? null

describe('what is found about one record', () => {
  test.each([
    ['D1', anAccess(), 1],
    ['D2', anAccess({}, {}, { surnameBits: 6 }), 3],
    ['D3', anAccess({}, {}, { isSameHousehold: true, isSameStreet: true }), 6],
    ['D3', anAccess({}, {}, { isSameStreet: true }), 3],
    ['D4', anAccess({}, {}, { isColleague: true }), 4],
    ['D4', anAccess({}, {}, { isColleague: true, isSameTeam: true }), 5],
    ['D5', anAccess({}, {}, { isConfidential: true }), 5],
    ['D8', anAccess({}, { firstMinute: 134 }), 3],
    ['D8', anAccess({}, { lastMinute: 1171 }), 3],
    ['D13', anAccess({}, {}, { visitAge: 548 }), 3],
    ['D13', anAccess({}, {}, { isClosed: true }), 3],
  ] as const)(
    '%s weighs what it should, and nothing once care explains the access',
    (rule, access, weight) => {
      expect(ofAccess(rule, access)?.weight).toBe(weight)
      expect(ofAccess(rule, access, true)).toBeNull()
    },
  )

  test.each([
    ['D2', anAccess({}, {}, { surnameBits: 5.99 })],
    ['D3', anAccess()],
    ['D4', anAccess()],
    ['D5', anAccess()],
    ['D8', anAccess({}, { firstMinute: 421, lastMinute: 1169 })],
    ['D10', anAccess()],
    ['D10', anAccess({ anyVisit: 1 }, { hasBrokenGlass: true })],
    ['D13', anAccess({}, {}, { visitAge: 547 })],
  ] as const)('%s is silent below its threshold', (rule, access) => {
    expect(ofAccess(rule, access)).toBeNull()
  })

  test('D10 does not ask whether the access is explained: a broken glass is always looked at', () => {
    expect(ofAccess('D10', anAccess({ anyVisit: -2 }, { hasBrokenGlass: true }), true)?.weight).toBe(5)
  })

  test('D8 says nothing of somebody whose hours are not known yet', () => {
    expect(ofAccess('D8', anAccess({}, { firstMinute: 134 }), false, aHistory(9))).toBeNull()
  })
})

describe('what is found about a whole day', () => {
  test.each([
    ['D6', aDay({ patients: 30, unexplained: 6 }), aDay({ patients: 29, unexplained: 29 })],
    ['D7', aDay({ unexplained: 8 }), aDay({ unexplained: 7 })],
    ['D10R', aDay({ brokenGlasses: 3 }), aDay({ brokenGlasses: 2 })],
    ['D11', aDay({ denied: 10 }), aDay({ denied: 9 })],
    ['D12', aDay({ newNetworkPatients: 8 }), aDay({ newNetworkPatients: 7 })],
    ['D12', aDay({ newNetworkPatients: 1, networkSwitchMinutes: 9.9 }), aDay({ networkSwitchMinutes: 1 })],
    ['D14', aDay({ idleDays: 60 }), aDay({ idleDays: 59 })],
    ['D14', aDay({ isAfterEnd: true }), aDay({ idleDays: null })],
    ['D15', aDay({ exported: 7 }), aDay({ exported: 6 })],
    ['D15', aDay({ evenRun: 20 }), aDay({ evenRun: 19 })],
  ] as const)('%s at its threshold, and not below it', (rule, found, silent) => {
    expect(ofDay(rule, found)).not.toBeNull()
    expect(ofDay(rule, silent)).toBeNull()
  })

  test('D6 is silent on a day of many visits, and both D6 and D7 before anything is usual', () => {
    expect(ofDay('D6', aDay({ patients: 200, unexplained: 39 }))).toBeNull()
    expect(ofDay('D6', aDay({ patients: 200, unexplained: 200 }), aHistory(9))).toBeNull()
    expect(ofDay('D7', aDay({ unexplained: 50 }), aHistory(9))).toBeNull()
  })

  test('D9 adds a little up over weeks, once, and does not take it for usual in the meantime', () => {
    let history = aHistory(30)
    const reported: number[] = []
    for (let day = 30; day < 60; day += 1) {
      const today = aDay({ day, unexplained: 4 })
      if (ofDay('D9', today, history)) reported.push(day - 29)
      history = extendHistory(history, today, { firstMinute: 480, lastMinute: 1020 })
    }
    // 2.5 a day beyond what is allowed: the eighth day passes 18
    expect(reported[0]).toBe(8)
    expect(reported.length).toBeLessThan(4)
  })
})

test('every rule has words for the numbers it finds, and no number stands in them as NaN', () => {
  const observed = [
    ...judgeDay({ accesses: [anAccess({}, { firstMinute: 10, hasBrokenGlass: true }, { surnameBits: 9.2, isSameHousehold: true, isColleague: true, isConfidential: true, visitAge: 900 })], day: aDay({ denied: 12, exported: 9, newNetworkPatients: 12, idleDays: 70, brokenGlasses: 5 }), history: aHistory(30), norms }).observations,
    { findings: [...actorDetectors].flatMap(({ rule, detect }) => { const found = detect(aDay({ patients: 90, unexplained: 80 }), aHistory(30, {}, 17), norms); return found ? [{ rule, ...found }] : [] }) },
  ] // prettier-ignore
  const words = observed.flatMap(({ findings }) =>
    findings.map(({ rule, numbers }) => findingInWords(rule, numbers)),
  )
  expect(words.length).toBeGreaterThan(14)
  for (const { title, sentence } of words) {
    expect(title.length).toBeGreaterThan(5)
    expect(sentence).not.toMatch(/NaN|undefined|Infinity/)
  }
})

describe('cases', () => {
  const observation = (actorId: string, patientId: string | null, weight: number): Observation => ({
    actorId, patientId, day: 1, tags: [], findings: [{ rule: 'D5', weight, numbers: {} }],
  }) // prettier-ignore

  test('need more than one unexplained look', () => {
    expect(
      makeCases([observation('a', 'p', 1), observation('a', 'q', 3.5)]).map(({ patientId }) => patientId),
    ).toEqual(['q'])
  })

  test('are ranked by weight, as many as there is time for, whatever order they came in', () => {
    const cases = makeCases([
      observation('a', 'p', 4),
      observation('b', 'q', 9),
      observation('c', 'r', 4),
      observation('d', null, 6),
    ])
    const ranked = rankCases(cases, 3).map(({ actorId }) => actorId)
    expect(ranked).toEqual(['b', 'd', 'a'])
    expect(rankCases(cases.toReversed(), 3).map(({ actorId }) => actorId)).toEqual(ranked)
  })

  test('of single records are part of the case of the whole day', () => {
    const cases = makeCases([observation('a', 'p', 9), observation('a', null, 6), observation('b', 'p', 5)])
    expect(rankCases(cases, 5).map(({ actorId, patientId }) => [actorId, patientId])).toEqual([['a', null], ['b', 'p']]) // prettier-ignore
  })
})

test('the statistics are those of the books', () => {
  // P(X >= 6 | 0.5) = 1.416e-5, P(X >= 7 | 0.5) = 1.003e-6 (tables of the Poisson distribution)
  expect(poissonTail(6, 0.5)).toBeCloseTo(1.4165e-5, 8)
  expect(poissonTail(7, 0.5)).toBeCloseTo(1.0024e-6, 9)
  expect(poissonTail(0, 3)).toBe(1)
  expect(poissonTail(1, 2)).toBeCloseTo(1 - Math.exp(-2), 12)
  expect(poissonTail(400, 5)).toBeLessThan(1e-300)
  expect(robustSpread([1, 1, 2, 2, 4, 6, 9])).toBeCloseTo(1.4826)
  expect(quantile([1, 2, 3, 4], 0.5)).toBe(2.5)
  expect(quantile([], 0.5)).toBe(0)
})

test('an even pace is told from a human one', () => {
  expect(evenRun(Array.from({ length: 25 }, (_, n) => n * 31))).toBe(25)
  expect(evenRun([0, 30, 95, 100, 300, 340, 900, 1000])).toBeLessThan(4)
  expect(evenRun([])).toBe(0)
  expect(evenRun(Array.from({ length: 25 }, (_, n) => n * 700))).toBe(0)
  // A search that finds twenty people writes their entries one after the other, and nobody opened twenty charts.
  expect(evenRun(Array.from({ length: 25 }, (_, n) => 3600 + n * 0.00002))).toBe(0)
  expect(evenRun(Array.from({ length: 25 }, () => 3600))).toBe(0)
  // Two entries at each opening do not hide the pace of a program.
  expect(evenRun(Array.from({ length: 25 }, (_, n) => [n * 0.5, n * 0.5 + 0.0001]).flat())).toBe(25)
})
