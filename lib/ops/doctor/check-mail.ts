import 'server-only'
import type { Client } from 'pg'

import type { Env } from '#lib/parse-env.ts'
import { type Check, finding, fine } from './finding.ts'

/** The letters by e-mail: whether there is a way to send them, how many wait, and how many were given up. */
export const checkMail = async (client: Client, env: Env): Promise<Check[]> => {
  const { rows } = await client.query<{
    waiting: number
    is_late: boolean | null
    given_up: number
    last_refusal: string | null
  }>(
    `SELECT waiting, oldest_waiting_at < app.now() - interval '1 hour' AS is_late, given_up, last_refusal FROM app.mail_status()`,
  )
  const status = rows[0] ?? { waiting: 0, is_late: null, given_up: 0, last_refusal: null }
  const answer = status.last_refusal === null ? '' : ` (the server answered ${status.last_refusal})`
  const hasNoWay = env.smtp === undefined && env.environment === 'production'
  return [
    hasNoWay
      ? finding(
          'mail: server',
          'SMTP_URL is not set, so nobody is told of a new sign-in or a changed factor, and nobody can choose a new password by e-mail: set SMTP_URL and MAIL_FROM.',
        )
      : fine('mail: server', env.smtp === undefined ? 'a demo keeps its letters' : 'is set'),
    status.is_late === true && !hasNoWay
      ? finding(
          'mail: waiting',
          `${status.waiting} letters wait, the oldest for more than an hour${answer}: is the mail server up, and does it let Vigil in?`,
        )
      : fine('mail: waiting', status.waiting === 0 ? 'none' : `${status.waiting} wait`),
    status.given_up > 0
      ? finding(
          'mail: given up',
          `${status.given_up} letters of the last 30 days reached nobody${answer}: those people were not told. The events MAIL_GIVEN_UP say whose; call them.`,
        )
      : fine('mail: given up', 'none in 30 days'),
  ]
}
