import { accessDetectors, actorDetectors } from './detectors.ts'
import type { Finding, Rule } from './detectors/detector.ts'
import { explainAccess, type Explained } from './explain-access.ts'
import type { AccessDay, ActorDay, ActorHistory, RoleNorms } from './facts.ts'

/** A person's whole day as it is judged: what they did with whom, and what is usual for them. */
export type DayOfActor = {
  readonly accesses: readonly AccessDay[]
  readonly day: Omit<ActorDay, 'patients' | 'unexplained'>
  readonly history: ActorHistory
  readonly norms: RoleNorms
}

/** What was found about a person and a record, or (patientId null) about a person's whole day. Not a verdict: documentation has gaps, and people have reasons. */
export type Observation = {
  readonly actorId: string
  readonly patientId: string | null
  readonly day: number
  readonly findings: readonly Finding[]
  readonly tags: Explained['tags']
}

export type JudgedDay = {
  readonly explained: readonly { readonly access: AccessDay; readonly explained: Explained }[]
  readonly observations: readonly Observation[]
  readonly day: ActorDay
}

/** Explains each access of a person's day, and lets every detector look at each record and at the day as a whole. */
export function judgeDay({ accesses, day, history, norms }: DayOfActor): JudgedDay {
  const explained = accesses.map((access) => ({ access, explained: explainAccess(access) }))
  const actorDay = {
    ...day,
    patients: accesses.length,
    unexplained: explained.filter((each) => !each.explained.isExplained).length,
  }
  const about = { actorId: day.actorId, day: day.day }
  const ofDay = actorDetectors.flatMap(({ rule, detect }) => named(rule, detect(actorDay, history, norms)))
  const ofRecords = explained.map(({ access, explained: { isExplained, tags } }) => ({
    ...about,
    patientId: access.patientId,
    tags,
    findings: accessDetectors.flatMap(({ rule, detect }) =>
      named(rule, detect(access, isExplained, history)),
    ),
  }))
  const observations = [{ ...about, patientId: null, tags: [], findings: ofDay }, ...ofRecords]
  return {
    explained,
    observations: observations.filter(({ findings }) => findings.length > 0),
    day: actorDay,
  }
}

function named(rule: Rule, found: Omit<Finding, 'rule'> | null): Finding[] {
  return found === null ? [] : [{ rule, ...found }]
}
