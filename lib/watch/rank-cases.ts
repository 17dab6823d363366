import type { WatchCase } from './make-cases.ts'

/**
 * The cases of a day in the order in which they should be looked at, as many as the reviewers have time for. A person's cases of
 * single records are part of the case of their whole day when there is one: it lists the records anyway.
 * @param most capacity of the reviewers, cases a day
 */
export function rankCases(cases: readonly WatchCase[], most: number): WatchCase[] {
  const wholeDays = new Set(cases.filter((each) => each.patientId === null).map((each) => each.actorId))
  return cases
    .filter((each) => each.patientId === null || !wholeDays.has(each.actorId))
    .toSorted((left, right) => right.score - left.score || compare(left, right))
    .slice(0, most)
}

/** Equal scores keep one order, whatever order they came in. */
function compare(left: WatchCase, right: WatchCase): number {
  const key = (each: WatchCase): string => `${each.actorId} ${each.patientId ?? ''}`
  return key(left) < key(right) ? -1 : 1
}
