import 'server-only'

import { appQuery } from '#lib/db/app-database.ts'
import type { Actor } from '#lib/policy/actor.ts'
import { composeLetter, type TakenMail } from './compose-letter.ts'
import { sealLetter } from './letter-cell.ts'
import { LetterRefused, type Transport } from './open-transport.ts'

export type Sent = { sent: number; kept: number; later: number; givenUp: number }

const atMost = 100

/** Whether a letter waits. Costs one look into an index. */
export async function lettersWait(): Promise<boolean> {
  const [row] = await appQuery<{ waits: boolean }>('SELECT app.mail_waits() AS waits', [], 'worker')
  return row?.waits === true
}

/**
 * Sends what waits, one letter after the other. A letter that is not taken waits longer each time; when the server itself is the
 * matter, the rest waits as well. Killed at any instant it loses nothing: at worst a letter is sent twice.
 * @param job the service session of the job "mail"
 * @param transport null in a demo without a mail server: the letters are kept, sealed, for `vigil demo mail`
 */
export async function sendLetters(
  job: Actor,
  transport: Transport | null,
  signal?: AbortSignal,
): Promise<Sent> {
  const done = { sent: 0, kept: 0, later: 0, givenUp: 0 }
  for (let count = 0; count < atMost && signal?.aborted !== true; count++) {
    const [mail] = await appQuery<TakenMail>('SELECT * FROM app.mail_take($1)', [job.sessionToken], 'worker')
    if (!mail) break
    const letter = await composeLetter(job, mail)
    if (transport === null) {
      const { subject, text } = letter
      await settle(job, mail, await sealLetter(mail.mail_id, { subject, text }))
      done.kept++
      continue
    }
    try {
      await transport.send(mail.mail_id, letter)
    } catch (cause) {
      if (!(cause instanceof LetterRefused)) throw cause
      const [row] = await appQuery<{ outcome: string }>(
        'SELECT app.mail_failed($1, $2, $3, $4) AS outcome',
        [job.sessionToken, mail.mail_id, cause.code, cause.isForGood],
        'worker',
      )
      if (row?.outcome === 'given-up') done.givenUp++
      else done.later++
      if (cause.isServers) break
      continue
    }
    await settle(job, mail, null)
    done.sent++
  }
  return done
}

async function settle(job: Actor, mail: TakenMail, kept: string | null): Promise<void> {
  await appQuery('SELECT app.mail_sent($1, $2, $3)', [job.sessionToken, mail.mail_id, kept], 'worker')
}
