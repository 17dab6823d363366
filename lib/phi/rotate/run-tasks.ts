import 'server-only'

import type { KeyStore } from '#lib/keys/key-store.ts'
import type { Actor } from '#lib/policy/actor.ts'
import { resealUnit, type ResealStatements } from './reseal-unit.ts'
import type { Throttle } from './throttle.ts'
import { nothing, plus, type Resealed, type Task } from './types.ts'

/** Units at work at once: while one waits for the database, the other encrypts. */
export const lanes = 2

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

async function runTask(actor: Actor, task: Task, runner: TaskRunner): Promise<Resealed> {
  let sum = nothing
  let after: string | null = null
  for (;;) {
    await runner.throttle.pass(Math.min(task.cells, 4000))
    const outcome = await resealUnit(actor, runner.keys, task, after, runner.statements)
    runner.advanced(outcome.cells)
    sum = plus(sum, outcome)
    const seen = sum.cells + sum.contended + sum.unreadable.length
    if (outcome.after === null || seen >= task.cells) return sum
    after = outcome.after
  }
}
