import 'server-only'
import { setTimeout as sleep } from 'node:timers/promises'

import { appQuery } from '#lib/db/app-database.ts'
import { VigilError } from '#lib/errors.ts'
import { log } from '#lib/log.ts'
import type { Job } from './job.ts'

const lookMilliseconds = 5000

/**
 * Runs each job when it is due, several beside each other but none twice at once, until the signal fires; then waits for those
 * that run. The caller is the one elected worker.
 * @throws pg's errors when the database cannot be asked what is due
 */
export const runJobs = async (jobs: readonly Job[], signal: AbortSignal): Promise<void> => {
  const running = new Map<string, Promise<void>>()
  try {
    for (let first = true; !signal.aborted; first = false) {
      for (const job of await claimDue(
        jobs.filter(({ name }) => !running.has(name)),
        first,
      ))
        running.set(
          job.name,
          runOne(job, signal).finally(() => running.delete(job.name)),
        )
      await sleep(lookMilliseconds, undefined, { signal }).catch(() => undefined)
    }
  } finally {
    await Promise.allSettled(running.values())
  }
}

const claimDue = async (jobs: readonly Job[], first: boolean): Promise<Job[]> => {
  const rows = await appQuery<{ name: string }>(
    'SELECT name FROM app.jobs_claim($1, $2, $3) AS name',
    [jobs.map(({ name }) => name), jobs.map(({ everySeconds }) => everySeconds), first],
    'worker',
  )
  const due = new Set(rows.map(({ name }) => name))
  return jobs.filter(({ name }) => due.has(name))
}

const runOne = async (job: Job, signal: AbortSignal): Promise<void> => {
  let errorName: string | null = null
  try {
    await job.run(signal)
  } catch (error) {
    // Cut short because everything ends: it begins again with the next worker.
    if (signal.aborted) return
    errorName = error instanceof Error ? error.name : 'unknown'
    log('job.failed', {
      place: job.name,
      errorName,
      reference: error instanceof VigilError ? error.reference : undefined,
      code:
        error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined,
    })
  }
  await appQuery('SELECT app.job_finished($1, $2)', [job.name, errorName], 'worker').catch(() => undefined)
}
