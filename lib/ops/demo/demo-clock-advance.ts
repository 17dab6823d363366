import 'server-only'
import pg from 'pg'
import { type CommandModule, WrongUsage } from '#lib/ops/cli/command.ts'
import { databaseUrl } from '#lib/ops/databases/database-urls.ts'
import { withDatabases } from '#lib/ops/databases/with-databases.ts'
import { requireDemo } from './demo-home.ts'

const unitSeconds: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400 }
const daysMax = 3650

/** Seconds of a text such as 90s, 16m, 2h or 1d. Time only moves forward here, so zero and signs are refused. */
const secondsOf = (text: string | undefined): number => {
  const [, amount = '', unit = ''] = /^([1-9][0-9]{0,7})([smhd])$/.exec(text ?? '') ?? []
  const seconds = Number(amount) * (unitSeconds[unit] ?? 0)
  if (seconds === 0 || seconds > daysMax * 86_400)
    throw new WrongUsage(`Say how far forward: 90s, 16m, 2h or 1d, at most ${daysMax}d.`)
  return seconds
}

/**
 * `vigil demo clock advance TIME`: moves the time by which sessions, codes and leases are measured. The superuser does
 * it, because no login of the product may; the time of an audit row is never moved.
 */
export const run: CommandModule['run'] = async ({ words, env }) => {
  const seconds = secondsOf(words.length === 1 ? words[0] : undefined)
  requireDemo(env)
  return withDatabases(env, async () => {
    const client = new pg.Client({ connectionString: databaseUrl(env, 'superuser') })
    await client.connect()
    try {
      await client.query('INSERT INTO app.demo_clock (advanced_by_seconds) VALUES ($1)', [seconds])
      const { rows } = await client.query<{ now: Date; ahead: string }>(
        'SELECT app.now() AS now, sum(advanced_by_seconds) AS ahead FROM app.demo_clock',
      )
      const now = rows[0]?.now.toISOString()
      const aheadSeconds = Number(rows[0]?.ahead)
      return {
        ok: true,
        text: `The demo's clock says ${now} now, ${aheadSeconds} seconds ahead of the wall's.`,
        json: { advancedSeconds: seconds, aheadSeconds, now },
      }
    } finally {
      await client.end()
    }
  })
}
