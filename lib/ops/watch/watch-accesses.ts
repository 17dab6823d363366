import 'server-only'

import { appQuery } from '#lib/db/app-database.ts'
import { asService } from '#lib/phi/service-actor.ts'
import { staffSurnames } from './staff-surnames.ts'
import { watchDay } from './watch-day.ts'

/** A year and a month: a clinic that turns the watching on late has its past looked at, once. */
const daysAtOnce = 400

/**
 * The job: looks at every day that is not done yet, oldest first. Today and the last two days are looked at again each time,
 * because care is documented after the fact; older ones are settled and not touched again. Killed at any instant it begins again
 * with the day it was at.
 */
export async function watchAccesses(signal: AbortSignal): Promise<void> {
  await asService('watch', async (actor) => {
    const surnames = await staffSurnames()
    const pending = await appQuery<{ day: string; is_settled: boolean }>(
      'SELECT day::text, is_settled FROM audit.watch_pending($1, $2)',
      [actor.sessionToken, daysAtOnce],
      'worker',
    )
    for (const { day, is_settled: isSettled } of pending) {
      if (signal.aborted) return
      await watchDay({ token: actor.sessionToken, day, isSettled, surnames })
    }
  })
}
