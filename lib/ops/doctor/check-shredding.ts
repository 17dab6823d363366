import 'server-only'
import { openClient } from '#lib/db/open-client.ts'
import { defaultKeyLimits } from '#lib/keys/key-settings.ts'
import { openOperatorPool } from '#lib/keys/open-key-pool.ts'
import { findDatabaseUrl } from '#lib/ops/databases/database-urls.ts'
import { keySettings } from '#lib/ops/keys/with-key-source.ts'
import type { Env } from '#lib/parse-env.ts'
import { readShredStanding, standingText, type ShredStanding } from '#lib/phi/shred/read-shred-standing.ts'
import { type Check, finding, fine } from './finding.ts'

const patienceMilliseconds = 10_000

const readStanding = async (env: Env, worker: string): Promise<ShredStanding> => {
  const client = await openClient(worker, { connectionTimeoutMillis: patienceMilliseconds })
  const keys = openOperatorPool(keySettings(env), defaultKeyLimits)
  try {
    const { rows } = await client.query<{ token: string }>(
      "SELECT app.service_session_open('key-shredding') AS token",
    )
    const token = rows[0]?.token
    try {
      return await readShredStanding(
        keys,
        async (patients) => (await client.query(standingText, [token, patients])).rows,
      )
    } finally {
      await client.query('SELECT app.service_session_close($1)', [token])
    }
  } finally {
    await client.end().catch(() => undefined)
    await keys.end()
  }
}

const resume = 'run "vigil keys shred --resume"'

/** What is said of each, and what to do; ids only where somebody has to name them. */
const advice: readonly [keyof ShredStanding, (ids: readonly string[]) => string][] = [
  ['begun', ({ length }) => `${length} begun and not finished: ${resume}, unless somebody is at it now`],
  ['confirmed', ({ length }) => `${length} confirmed and not begun: ${resume}, or --cancel it`],
  ['unmarked', ({ length }) => `${length} restored and not marked, so their pages fail: ${resume}`],
  ['keysAlive', ({ length }) => `${length} whose keys a restored key store brought back: ${resume}`],
  [
    'unasked',
    (ids) =>
      `marked though nobody asked for it, and the keys are not destroyed: ${ids.join(', ')}: "vigil keys shred --unmark" opens them again`,
  ],
  [
    'held',
    (ids) =>
      `keys destroyed under a legal hold, so their pages fail: ${ids.join(', ')}: see "vigil retention list"`,
  ],
]

/** Do the records and the key store say the same about what was destroyed, and is nothing left unfinished? */
export const checkShredding = async (env: Env): Promise<Check[]> => {
  const name = 'destroyed records'
  const worker = findDatabaseUrl(env, 'worker')
  if (worker === undefined) return []
  try {
    const standing = await readStanding(env, worker)
    const waiting = advice.flatMap(([kind, say]) => {
      const ids = standing[kind].map((each) => (typeof each === 'string' ? each : each.patientId))
      return ids.length === 0 ? [] : [say(ids)]
    })
    return [
      waiting.length === 0
        ? fine(name, 'records and key store agree')
        : finding(name, `${waiting.join('; ')}.`),
    ]
  } catch {
    // Which of the two is away, or not up to date, is said by the checks of their connections.
    return [finding(name, 'it cannot be asked; the checks of both databases say why.')]
  }
}
