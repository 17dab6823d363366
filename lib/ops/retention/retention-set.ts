import 'server-only'
import { type CommandModule, WrongUsage } from '#lib/ops/cli/command.ts'
import { asPerson, personOptions } from './as-person.ts'
import { retentionQuery } from './retention-query.ts'
import { idOption, refused } from './retention-words.ts'
import { withRecordStore } from './with-record-store.ts'

export const options = {
  years: { type: 'string' },
  confirm: { type: 'string' },
  ...personOptions,
} as const

/**
 * `vigil retention set --years N --as EMAIL`: asks for another time that the trail is kept for, six years at least; and
 * `--confirm REQUEST --as EMAIL`: another person agrees, and it counts.
 */
export const run: CommandModule['run'] = async ({ words, options: given, env }) => {
  if (words.length > 0 || (given['years'] === undefined) === (given['confirm'] === undefined))
    throw new WrongUsage('Give either --years or --confirm.')
  if (given['confirm'] !== undefined) {
    const requestId = idOption(given['confirm'], '--confirm')
    const [row] = await withRecordStore(env, () =>
      asPerson(given, (person) =>
        retentionQuery<{ years: number | null; refusal: string | null }>(
          person,
          `SELECT * FROM audit.retention_confirm($1, 'policy', $2, $3)`,
          [requestId, person.clientIp],
        ),
      ),
    )
    if (!row || row.refusal !== null) throw refused(row?.refusal ?? 'no-such-request')
    return {
      ok: true,
      text: `The trail is kept for ${row.years} years from now on.`,
      json: { years: row.years },
    }
  }
  const years = Number(given['years'])
  if (!Number.isInteger(years) || years < 6 || years > 100)
    throw new WrongUsage('--years takes a number from 6 to 100: the law asks for six at least.')
  const [row] = await withRecordStore(env, () =>
    asPerson(given, (person) =>
      retentionQuery<{ request_id: string | null; refusal: string | null }>(
        person,
        `SELECT * FROM audit.retention_ask($1, 'policy', $2, NULL, $3)`,
        [years, person.clientIp],
      ),
    ),
  )
  if (!row?.request_id) throw refused(row?.refusal ?? 'unknown')
  return {
    ok: true,
    text: `Asked for. Within 24 hours another person agrees with: vigil retention set --confirm ${row.request_id} --as EMAIL`,
    json: { requestId: row.request_id, years },
  }
}
