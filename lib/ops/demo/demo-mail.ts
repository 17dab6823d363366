import 'server-only'
import { openLetter } from '#lib/accounts/mail/letter-cell.ts'
import { sendLetters } from '#lib/accounts/mail/send-letters.ts'
import { emailTokens } from '#lib/auth/account-secrets.ts'
import { appQuery } from '#lib/db/app-database.ts'
import { endPools } from '#lib/db/pools.ts'
import { Refused } from '#lib/errors.ts'
import { closeProcessKeyStore } from '#lib/keys/process-key-store.ts'
import type { CommandModule } from '#lib/ops/cli/command.ts'
import { withDatabases } from '#lib/ops/databases/with-databases.ts'
import { oneEmail } from '#lib/ops/people/as-operator.ts'
import { asService } from '#lib/phi/service-actor.ts'
import type { Actor } from '#lib/policy/actor.ts'
import { requireDemo } from './demo-home.ts'

type Row = { mail_id: string; kind: string; created_at: Date; letter_sealed: string }

const lettersOf = async (job: Actor, email: string) => {
  const rows = await appQuery<Row>(
    'SELECT * FROM app.mail_kept($1, $2)',
    [job.sessionToken, await emailTokens(email)],
    'worker',
  )
  return Promise.all(
    rows.map(async ({ mail_id: id, kind, created_at: at, letter_sealed: sealed }) => ({
      kind,
      at: at.toISOString(),
      ...(await openLetter(id, sealed)),
    })),
  )
}

/**
 * `vigil demo mail EMAIL`: the letters that the demo would have sent to somebody, the newest first. A demo without SMTP_URL keeps
 * them, sealed; nothing but this prints one.
 */
export const run: CommandModule['run'] = async ({ words, env }) => {
  requireDemo(env)
  const email = oneEmail(words)
  if (env.smtp !== undefined) throw new Refused('This demo sends its letters by SMTP_URL: look there.')
  const letters = await withDatabases(env, async () => {
    try {
      return await asService('mail', async (job) => {
        await sendLetters(job, null)
        return lettersOf(job, email)
      })
    } finally {
      await endPools()
      await closeProcessKeyStore()
    }
  })
  const text = letters.map(({ at, subject, text: body }) => `${at}  ${subject}\n\n${body}`)
  return {
    ok: true,
    text: text.length === 0 ? 'There is no letter for this address.' : text.join(`\n${'─'.repeat(72)}\n`),
    json: { email, letters },
  }
}
