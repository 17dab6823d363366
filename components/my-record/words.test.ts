import { expect, test } from 'vitest'
import type { AccessCountView } from '#lib/records/my-record/view.ts'
import { countSentence } from './count-sentence.ts'
import { groupByMonth } from './group-by-month.ts'
import { statusPhrase, statusWord } from './status-words.ts'
import { inUsUnits } from './us-units.ts'

const count = (over: Partial<AccessCountView>): AccessCountView => ({
  people: 3,
  jobs: 0,
  refused: 0,
  emergencies: 0,
  atLeast: false,
  ...over,
})

test('emergency access is said in the sentence', () => {
  expect(countSentence(count({ emergencies: 1 }), '7-days', true)).toBe(
    '3 people opened your record in the last 7 days. It was opened once under emergency access.',
  )
  expect(countSentence(count({ emergencies: 2, refused: 1 }), '7-days', true)).toBe(
    '3 people opened your record in the last 7 days. It was opened 2 times under emergency access. 1 attempt was refused.',
  )
})

test('who looked is said in one sentence', () => {
  expect(countSentence(count({}), '7-days', true)).toBe('3 people opened your record in the last 7 days.')
  expect(countSentence(count({ people: 1, refused: 2 }), '30-days', true)).toBe(
    '1 person opened your record in the last 30 days. 2 attempts were refused.',
  )
  expect(countSentence(count({ people: 0, jobs: 4 }), 'all', false)).toBe('Nobody opened the record since it was made.')
  expect(countSentence(count({ atLeast: true }), '12-months', true)).toMatch(/^At least 3 people/)
}) // prettier-ignore

test('months are the clinic’s: an evening of July in Chicago is not August', () => {
  const rows = ['2026-08-01T12:00:00Z', '2026-08-01T03:00:00Z', '2026-07-02T12:00:00Z']
  expect(groupByMonth(rows, (row) => row).map(({ heading, rows }) => [heading, rows.length])).toEqual([
    ['August 2026', 1],
    ['July 2026', 2],
  ])
})

test('a final result needs no word, a taken-back one does', () => {
  expect(statusWord('final')).toBeNull()
  expect(statusWord('entered-in-error')).toBe('Taken back')
  expect(statusPhrase('corrected')).toBe('Corrected result')
})

test('vital signs are also said in the units of home', () => {
  expect(inUsUnits('temperature', 37)).toBe('98.6 °F')
  expect(inUsUnits('weight', 70)).toBe('154 lb')
  expect(inUsUnits('height', 182.5)).toBe('6 ft 0 in')
  expect(inUsUnits('pulse', 70)).toBeNull()
})
