import { expect, test } from 'vitest'
import { makeChance } from './make-chance.ts'
import { makeClinic } from './make-clinic.ts'
import { observeYear } from './observe-year.ts'
import { clinicParameters, incidentTypes } from './parameters.ts'
import { planYear } from './plan-year.ts'
import { plantIncidents } from './plant-incidents.ts'
import { scoreYear } from './score-year.ts'

const { learningDays } = clinicParameters
const make = (seed: number) => {
  const chance = makeChance(seed)
  const year = planYear(chance, makeClinic(chance), 0.012)
  const planted = plantIncidents(chance, year)
  return { planted, observed: observeYear(year, learningDays) }
}

test('a seed gives the same year again, misuse of every type is in it, and most of it is found', () => {
  const [first, again] = [make(1), make(1)]
  const score = scoreYear(first.observed.days, first.planted, { learningDays, most: 5 })
  expect(scoreYear(again.observed.days, again.planted, { learningDays, most: 5 })).toEqual(score)
  expect(new Set(first.planted.map(({ type }) => type))).toEqual(new Set(incidentTypes))
  expect(first.observed.documented).toBeGreaterThan(0.98)
  expect(score.recall).toBeGreaterThan(0.79)
  expect(score.casesPerDay).toBeLessThan(5)
  // control: without anybody to look, nothing is found
  expect(scoreYear(first.observed.days, first.planted, { learningDays, most: 0 }).recall).toBe(0)
}, 120_000)
