import 'server-only'

import { appQuery } from '#lib/db/app-database.ts'
import { AuditUnavailable } from '#lib/errors.ts'
import type { ShredRefusal } from './shred-request.ts'

type Who = { readonly sessionToken: string; readonly clientIp: string | null }

/**
 * Takes back a mark that closes a record as destroyed and that no two persons asked for. A record that was destroyed stays so.
 * @param first an administrator or compliance officer whose one-time code is no older than five minutes, as the second is
 * @returns null, or why not: also that is written down
 * @throws AuditUnavailable
 */
export async function unmarkRecord(first: Who, second: Who, patientId: string): Promise<ShredRefusal | null> {
  try {
    const [row] = await appQuery<{ refusal: string | null }>(
      'SELECT audit.shred_unmark($1, $2, $3, $4) AS refusal',
      [first.sessionToken, second.sessionToken, patientId, first.clientIp],
    )
    return row === undefined ? 'unknown' : row.refusal
  } catch (error) {
    throw new AuditUnavailable('the step could not be recorded', { cause: error })
  }
}
