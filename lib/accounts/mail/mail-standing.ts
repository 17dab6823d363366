import 'server-only'

import { z } from 'zod'
import { authQueryOne } from '#lib/auth/auth-query.ts'
import { env } from '#lib/env.ts'

/** How the letters stand, for administrators: numbers, nobody's name. */
export type MailStanding = {
  /** letters of the last 30 days that reached nobody */
  givenUp: number
  /** production without a mail server */
  hasNoWay: boolean
}

/** @throws RecordUnavailable when the database does not answer */
export async function readMailStanding(): Promise<MailStanding> {
  const row = await authQueryOne(
    z.object({ given_up: z.int() }),
    'SELECT given_up FROM app.mail_status()',
    [],
  )
  return { givenUp: row.given_up, hasNoWay: env.smtp === undefined && env.environment === 'production' }
}
