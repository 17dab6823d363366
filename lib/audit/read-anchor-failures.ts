import 'server-only'

import { appQuery } from '#lib/db/app-database.ts'

/** A place outside that gives no answer, or shows another history than the database has. */
export type AnchorFailure = { readonly anchor: string; readonly why: 'away' | 'differs' }

/** The places outside that fail for more than a minute. */
export async function readAnchorFailures(): Promise<AnchorFailure[]> {
  return appQuery<AnchorFailure>(
    `SELECT a.anchor, a.failure AS why FROM audit.anchor_status() a
      WHERE a.failure = 'differs' OR a.failing_since < clock_timestamp() - interval '60 seconds'`,
  )
}
