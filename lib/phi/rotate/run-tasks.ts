import 'server-only'

import type { KeyStore } from '#lib/keys/key-store.ts'
import type { Actor } from '#lib/policy/actor.ts'
import { resealUnit, type ResealStatements, type UnitOutcome } from './reseal-unit.ts'
import type { Throttle } from './throttle.ts'
import { nothing, plus, type Resealed, type Task } from './types.ts'

export type TaskRunner = {
  readonly keys: KeyStore
  readonly throttle: Throttle
  /** told after every unit how many cells it re-encrypted */
  readonly advanced: (cells: number) => void
  readonly statements?: ResealStatements | undefined
}

/**
 * Carries tasks out, each lane its own. Stops at the first failure; what was committed stays.
 * @param byLane tasks of patients who are in no other lane: of one patient's cells only one transaction at a time changes any
 */
export async function runTasks(
  actor: Actor,
  byLane: readonly (readonly Task[])[],
  runner: TaskRunner,
): Promise<Resealed> {
  let failed = false
  const run = async (tasks: readonly Task[]) => {
    let sum = nothing
    for (const task of tasks) {
      if (failed) return sum
      try {
        sum = plus(sum, await runTask(actor, task, runner))
      } catch (error) {
        failed = true
        throw error
      }
    }
    return sum
  }
  const ended = await Promise.allSettled(byLane.map(run))
  for (const each of ended) if (each.status === 'rejected') throw each.reason
  return ended.map((each) => (each.status === 'fulfilled' ? each.value : nothing)).reduce(plus, nothing)
}

/** A patient with many rows takes several units, of a thousand rows at most. */
const cellsOfUnitMax = 5000

async function runTask(actor: Actor, task: Task, runner: TaskRunner): Promise<Resealed> {
  let sum = nothing
  let after: string | null = null
  for (;;) {
    const from = after
    const outcome: UnitOutcome = await runner.throttle.run(Math.min(task.cells, cellsOfUnitMax), () =>
      resealUnit(actor, runner.keys, task, from, runner.statements),
    )
    runner.advanced(outcome.cells)
    sum = plus(sum, outcome)
    const seen = sum.cells + sum.contended + sum.unreadable.length
    if (outcome.after === null || seen >= task.cells) return sum
    after = outcome.after
  }
}
