import type { Finding } from './detectors/detector.ts'
import type { Observation } from './judge-day.ts'

/** Something for a person to look at: an observation that weighs enough. */
export type WatchCase = Observation & { readonly score: number }

/** What findings must weigh together to become a case: an unexplained access alone (1) does not. */
export const scoreLeast = 3.5

/** Makes cases of the observations whose findings weigh enough; the score is the sum of the weights. */
export function makeCases(observations: readonly Observation[]): WatchCase[] {
  return observations
    .map((observation) => ({ ...observation, score: scoreOf(observation.findings) }))
    .filter(({ score }) => score >= scoreLeast)
}

function scoreOf(findings: readonly Finding[]): number {
  return findings.reduce((sum, { weight }) => sum + weight, 0)
}
