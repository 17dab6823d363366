import { expect, test } from 'vitest'
import { makeChance } from './make-chance.ts'
import { makeClinic } from './make-clinic.ts'
import { observeYear } from './observe-year.ts'
import { clinicParameters, incidentTypes } from './parameters.ts'
import { planYear, type Year } from './plan-year.ts'
import { plantIncidents } from './plant-incidents.ts'
import { scoreYear } from './score-year.ts'

const { learningDays } = clinicParameters
const make = (seed: number) => {
  const chance = makeChance(seed)
  const year = planYear(chance, makeClinic(chance), 0.012)
  return { year, planted: plantIncidents(chance, year) }
}
/** Everything that happens in a year, in words that can be compared. */
const inWords = ({ days }: Year): string =>
  days
    .map(({ acts, orders, assignments }) =>
      [
        ...acts.map(
          ({ staff, patient, minute, incident }) =>
            `${staff.id} ${patient.id} ${minute} ${incident?.id ?? ''}`,
        ),
        ...[...orders, ...assignments].map(([staff, patient]) => `${staff.id} ${patient.id}`),
      ].join(),
    )
    .join('\n')

test('a seed gives the same year again', () => {
  const first = inWords(make(1).year)
  expect(inWords(make(1).year) === first).toBe(true)
  // control: another seed gives another year
  expect(inWords(make(2).year) === first).toBe(false)
}, 60_000)

test('misuse of every type is in a year, and most of it is found', () => {
  const { year, planted } = make(1)
  const observed = observeYear(year, learningDays)
  const score = scoreYear(observed.days, planted, { learningDays, most: 5 })
  expect(new Set(planted.map(({ type }) => type))).toEqual(new Set(incidentTypes))
  expect(observed.documented).toBeGreaterThan(0.98)
  expect(score.recall).toBeGreaterThan(0.79)
  expect(score.casesPerDay).toBeLessThan(5)
  // control: without anybody to look, nothing is found
  expect(scoreYear(observed.days, planted, { learningDays, most: 0 }).recall).toBe(0)
}, 120_000)
