import 'server-only'

import { Connection } from '#lib/db/connection.ts'
import { pool } from '#lib/db/pools.ts'
import { AuditUnavailable } from '#lib/errors.ts'
import type { DenyReason } from '#lib/policy/access.ts'
import type { Actor } from '#lib/policy/actor.ts'
import { admit } from './admit.ts'
import { reportUnreadable } from './report-unreadable.ts'
import { runUnit } from './run-unit.ts'
import type { Access, Outcome, RecordClient } from './types.ts'

/**
 * The only door to a record.
 *
 * 1. The database admits: it looks the session up, decides by the policy, and writes one row per patient into the trail.
 *    The row is committed before anything else happens.
 * 2. `work` runs in one transaction under the database role that the admission gave, and sees only patients that were
 *    admitted. A change writes its own row there, so change and row live or vanish together.
 * 3. The fields that the view declares are decrypted, and no others.
 * Any step that fails means no data.
 *
 * @param work may read and, when admitted for CREATE, UPDATE or DELETE, write; throwing rolls everything back
 * @returns what `work` returned and which patients were admitted (those refused are left out), or why nobody was
 * @throws AuditUnavailable, KeysUnavailable, RecordUnavailable when a part of the door is out of order
 * @throws RefusedQuery, UndeclaredField, RecordError, CellUnreadable for what goes wrong inside
 */
export async function withRecord<T>(
  actor: Actor,
  access: Access,
  work: (record: RecordClient, granted: string[]) => Promise<T>,
): Promise<Outcome<T>> {
  const connection = await borrow(actor)
  try {
    const admission = await admit(connection, actor, access)
    if (admission.kind === 'denied') return refused(admission.reason, access)
    const value = await runUnit(connection, admission.admitted, admission.begun, work)
    return { kind: 'granted', value, patients: [...admission.admitted.patients] }
  } catch (error) {
    await reportUnreadable(actor, error)
    throw error
  } finally {
    connection.giveBack()
  }
}

function refused(reason: DenyReason, { patients }: Access): Outcome<never> {
  const [patientId] = patients
  if (reason !== 'record-destroyed' || patientId === undefined || patients.length > 1)
    return { kind: 'denied', reason }
  return { kind: 'denied', reason, patientId }
}

/** Jobs run on the worker's login, people on the web process's. */
async function borrow(actor: Actor): Promise<Connection> {
  try {
    return await Connection.borrow(pool(actor.role === 'service' ? 'worker-record' : 'record'), 'door.record')
  } catch (error) {
    throw new AuditUnavailable('no connection to record the access with', { cause: error })
  }
}
