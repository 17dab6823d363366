import type { Rule } from '#lib/watch/detectors/detector.ts'
import { makeCases } from '#lib/watch/make-cases.ts'
import { rankCases } from '#lib/watch/rank-cases.ts'
import type { ObservedDay } from './observe-year.ts'
import { incidentTypes, type IncidentType } from './parameters.ts'
import type { Incident } from './plan-year.ts'

export type Score = {
  readonly recall: number
  readonly precision: number
  readonly casesPerDay: number
  readonly daysToFind: number
  readonly recallOf: Readonly<Record<IncidentType, number>>
}

/**
 * What reviewers who look at so many cases a day would have found. An incident is found when one of its days has a case of its
 * person and record, or of its person's whole day; a case is right when it is of an incident.
 * @param without a rule that is left out
 */
export function scoreYear(
  days: readonly ObservedDay[],
  planted: readonly Incident[],
  options: { learningDays: number; most: number; without?: Rule },
): Score {
  const foundOn = new Map<Incident, number>()
  const beganOn = new Map<Incident, number>()
  let [right, all] = [0, 0]
  days.forEach(({ observations, guilty }, day) => {
    for (const incident of guilty.values()) if (!beganOn.has(incident)) beganOn.set(incident, day)
    if (day < options.learningDays) return
    const kept = observations.map((each) => ({
      ...each,
      findings: each.findings.filter(({ rule }) => rule !== options.without),
    }))
    for (const { actorId, patientId } of rankCases(makeCases(kept), options.most)) {
      all += 1
      const incident = guilty.get(patientId === null ? actorId : `${actorId} ${patientId}`)
      if (!incident) continue
      right += 1
      if (!foundOn.has(incident)) foundOn.set(incident, day)
    }
  })
  const share = (of: readonly Incident[]): number => of.filter((each) => foundOn.has(each)).length / of.length
  const waits = [...foundOn].map(([incident, day]) => day - (beganOn.get(incident) ?? day))
  return {
    recall: share(planted),
    precision: all === 0 ? 0 : right / all,
    casesPerDay: all / (days.length - options.learningDays),
    daysToFind: waits.reduce((sum, wait) => sum + wait, 0) / Math.max(1, waits.length),
    recallOf: Object.fromEntries(
      incidentTypes.map((type) => [type, share(planted.filter((each) => each.type === type))]),
    ) as Record<IncidentType, number>,
  }
}
