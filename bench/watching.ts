import { accessRules, actorRules } from '#lib/watch/detectors/detector.ts'
import type { BenchRow } from './bench-row.ts'
import { summarize } from './summarize.ts'
import { makeChance } from './watching/make-chance.ts'
import { makeClinic } from './watching/make-clinic.ts'
import { observeYear, type Observed } from './watching/observe-year.ts'
import { clinicParameters, incidentTypes } from './watching/parameters.ts'
import { planYear, type Incident } from './watching/plan-year.ts'
import { plantIncidents } from './watching/plant-incidents.ts'
import { scoreYear } from './watching/score-year.ts'

export const name = 'watching'

/** Seeds 1 to 5 were looked at while weights and thresholds were chosen; these were not. */
const seeds = Array.from({ length: 20 }, (_, index) => 101 + index)
const learningDays = clinicParameters.learningDays
const most = 5

/** How much care goes undocumented, and the share of documented care that comes of it. */
const settings = [
  { documented: 99, undocumented: 0.012 },
  { documented: 94, undocumented: 0.075 },
  { documented: 85, undocumented: 0.2 },
] as const

/**
 * What five cases a day find of misuse that was planted in synthetic years, and how many of the cases are right: at three
 * degrees of documentation, for each type of misuse, and without each of the rules. Not a time: nothing here is faster or slower.
 */
export function run(): Promise<BenchRow[]> {
  const rows = settings.flatMap(({ documented, undocumented }) => {
    const years = seeds.map((seed) => makeYear(seed, undocumented))
    return rowsOf(documented, years)
  })
  return Promise.resolve(rows)
}

type ObservedYear = { observed: Observed; planted: readonly Incident[] }

function makeYear(seed: number, undocumented: number): ObservedYear {
  const chance = makeChance(seed)
  const year = planYear(chance, makeClinic(chance), undocumented)
  const planted = plantIncidents(chance, year)
  return { planted, observed: observeYear(year, learningDays) }
}

function rowsOf(documented: number, years: readonly ObservedYear[]): BenchRow[] {
  const at = `at ${documented} %`
  const scores = years.map(({ observed, planted }) =>
    scoreYear(observed.days, planted, { learningDays, most }),
  )
  const row = (what: string, unit: string, samples: number[]): BenchRow => ({
    what,
    unit,
    ...summarize(samples),
  })
  const recall = row(
    `recall ${at}`,
    'of incidents',
    scores.map((score) => score.recall),
  )
  const rows: BenchRow[] = [
    row(`documented ${at}`, 'of accesses', years.map(({ observed }) => observed.documented)),
    documented === 99 ? { ...recall, bar: '≥ 0.79', ok: recall.median >= 0.79 } : recall,
    row(`precision ${at}`, 'of cases', scores.map((score) => score.precision)),
    row(`cases a day ${at}`, 'cases', scores.map((score) => score.casesPerDay)),
    row(`from first access to case ${at}`, 'days', scores.map((score) => score.daysToFind)),
    ...incidentTypes.map((type) => row(`recall ${at}: ${type}`, 'of incidents', scores.map((score) => score.recallOf[type]))),
  ] // prettier-ignore
  if (documented !== 99) return rows
  const ablations = [...accessRules, ...actorRules].map((without) => {
    const reduced = years.map(({ observed, planted }) => scoreYear(observed.days, planted, { learningDays, most, without }))
    return row(`recall ${at} without ${without}`, 'of incidents', reduced.map((score) => score.recall))
  }) // prettier-ignore
  return [...rows, ...ablations]
}
