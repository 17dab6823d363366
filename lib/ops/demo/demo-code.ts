import 'server-only'
import { TOTP } from 'otpauth'
import { openClient } from '#lib/db/open-client.ts'
import { Refused } from '#lib/errors.ts'
import { type CommandModule, WrongUsage } from '#lib/ops/cli/command.ts'
import { databaseUrl } from '#lib/ops/databases/database-urls.ts'
import { withDatabases } from '#lib/ops/databases/with-databases.ts'
import { readDemoAccounts } from './demo-home.ts'

const databaseTime = async (url: string): Promise<Date> => {
  const client = await openClient(url)
  try {
    const { rows } = await client.query<{ now: Date }>('SELECT app.now() AS now')
    const now = rows[0]?.now
    if (now === undefined) throw new Refused('The database did not say what time it is.')
    return now
  } finally {
    await client.end()
  }
}

/** `vigil demo code EMAIL`: the one-time code at the demo's own time, which may run ahead of the clock on the wall. */
export const run: CommandModule['run'] = async ({ words, env }) => {
  const [email, ...more] = words
  if (email === undefined || more.length > 0) throw new WrongUsage('Name one e-mail address.')
  const account = readDemoAccounts(env).find((each) => each.email.toLowerCase() === email.toLowerCase())
  if (account === undefined)
    throw new Refused('No account of the demo has this e-mail address: "vigil demo accounts" lists them all.')
  const now = await withDatabases(env, () => databaseTime(databaseUrl(env, 'app')))
  const code = new TOTP({ secret: account.totpSecret }).generate({ timestamp: now.getTime() })
  const validSeconds = 30 - (Math.floor(now.getTime() / 1000) % 30)
  return { ok: true, text: code, json: { email: account.email, code, validSeconds } }
}
