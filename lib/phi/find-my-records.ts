import 'server-only'

import { appQuery } from '#lib/db/app-database.ts'
import { AuditUnavailable } from '#lib/errors.ts'
import { parts, type Part } from '#lib/policy/access.ts'
import type { Actor } from '#lib/policy/actor.ts'

/** A record that a portal account may open: their own, or one that somebody granted them in part. */
export type OpenableRecord = { patientId: string; kind: 'self' | 'proxy'; parts: readonly Part[] }

/**
 * Ids of the records that a patient or proxy may open now. Ids and names of parts alone: nothing of a record is read,
 * so nothing is logged; whatever is opened afterwards is admitted by itself.
 * @returns none for anybody else, and for a session that is over
 * @throws AuditUnavailable when the database does not answer
 */
export async function findMyRecords(actor: Actor): Promise<OpenableRecord[]> {
  const rows = await ask(actor.sessionToken)
  // The role decides which rules apply, so a grant of the other kind would open nothing.
  const kind = actor.role === 'patient' ? 'self' : 'proxy'
  return rows
    .filter((row) => row.kind === kind)
    .map((row) => ({
      patientId: row.patient_id,
      kind: row.kind,
      parts: parts.filter((part) => row.parts.includes(part)),
    }))
}

async function ask(token: string) {
  try {
    return await appQuery<{ patient_id: string; kind: 'self' | 'proxy'; parts: string[] }>(
      'SELECT patient_id, kind, parts FROM audit.my_records($1)',
      [token],
    )
  } catch (error) {
    throw new AuditUnavailable('the records of an account could not be asked for', { cause: error })
  }
}
