import 'server-only'

import { randomUUID } from 'node:crypto'
import type { Connection } from '#lib/db/connection.ts'
import { statementName } from '#lib/db/statement-name.ts'
import { AuditUnavailable } from '#lib/errors.ts'
import type { DenyReason } from '#lib/policy/access.ts'
import type { Actor } from '#lib/policy/actor.ts'
import { viewFields } from '#lib/policy/views.ts'
import type { Access, FieldsByModel } from './types.ts'
import type { Admitted } from './unit.ts'

export type Admission = { kind: 'admitted'; admitted: Admitted } | { kind: 'denied'; reason: DenyReason }

type Row = { database_role: string | null; admitted: string[]; denied_reason: DenyReason | null }

const text = `SELECT database_role, admitted, denied_reason
  FROM audit.admit($1, $2, $3, $4, $5::jsonb, $6::uuid[], $7, $8::inet, $9, $10::uuid, $11)`

/**
 * Asks the database to admit an actor, which writes one row per patient into the trail and commits it, whatever the
 * answer. Who the actor is and what they may do is decided there, by the session's token; nothing here can say otherwise.
 * @throws AuditUnavailable when the row could not be written or its commit was not confirmed
 */
export async function admit(connection: Connection, actor: Actor, access: Access): Promise<Admission> {
  const requestId = randomUUID()
  const fields = access.fields ?? viewFields(access.view)
  const row = await ask(connection, [
    actor.sessionToken,
    requestId,
    access.action,
    access.view,
    JSON.stringify(fields),
    [...access.patients],
    access.purpose ?? null,
    actor.clientIp,
    access.resourceType ?? null,
    access.resourceId ?? null,
    access.reason ?? null,
  ])
  if (row.database_role === null || row.admitted.length === 0) {
    return { kind: 'denied', reason: row.denied_reason ?? 'no-relation' }
  }
  return { kind: 'admitted', admitted: describe(requestId, row.database_role, row.admitted, fields, access) }
}

async function ask(connection: Connection, values: unknown[]): Promise<Row> {
  try {
    const result = await connection.commit<Row>({ name: statementName(text), text, values })
    const row = result.rows[0]
    if (!row) throw new AuditUnavailable('the admission gave no answer')
    return row
  } catch (error) {
    if (error instanceof AuditUnavailable) throw error
    throw new AuditUnavailable('the access could not be recorded', { cause: error })
  }
}

function describe(
  requestId: string,
  databaseRole: string,
  patients: string[],
  fields: FieldsByModel,
  access: Access,
): Admitted {
  return { requestId, databaseRole, patients, fields, view: access.view, action: access.action }
}
