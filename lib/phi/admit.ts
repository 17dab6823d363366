import 'server-only'

import { randomUUID } from 'node:crypto'
import type { Call } from '#lib/audit/attest/writer.ts'
import { openCall } from '#lib/audit/attest/process-writer.ts'
import { canonicalJson } from '#lib/crypto/canonical-json.ts'
import type { Connection } from '#lib/db/connection.ts'
import { statementName } from '#lib/db/statement-name.ts'
import { AuditUnavailable } from '#lib/errors.ts'
import type { DenyReason } from '#lib/policy/access.ts'
import type { Actor } from '#lib/policy/actor.ts'
import { rules } from '#lib/policy/rules.ts'
import { viewFields } from '#lib/policy/views.ts'
import { begin, rollBack, type Begun } from './run-unit.ts'
import type { Access, FieldsByModel } from './types.ts'
import type { Admitted } from './unit.ts'

export type Admission =
  { kind: 'admitted'; admitted: Admitted; begun: Begun } | { kind: 'denied'; reason: DenyReason }

type Row = { database_role: string | null; admitted: string[]; denied_reason: DenyReason | null }

const text = `SELECT database_role, admitted, denied_reason
  FROM audit.admit(coalesce(audit.attest($12), $1), $2, $3, $4, $5::jsonb, $6::uuid[], $7, $8::inet, $9, $10::uuid, $11)`

/** Which database role the policy gives for a view and an action; the admission says whether it really is given. */
const expectedRoles = new Map(
  rules.map((rule) => [`${rule.role} ${rule.view} ${rule.action}`, rule.databaseRole] as const),
)

/**
 * Asks the database to admit an actor, which writes one row per patient into the trail and commits it, whatever the
 * answer. Who the actor is and what they may do is decided there, by the session's token; nothing here can say otherwise.
 * The transaction that the work will need is begun in the same round trip, right behind the admission.
 * @throws AuditUnavailable when the row could not be written or its commit was not confirmed
 */
export async function admit(connection: Connection, actor: Actor, access: Access): Promise<Admission> {
  const requestId = randomUUID()
  const { view, action } = access
  const fields = access.fields ?? viewFields(view)
  const call = openCall(actor.role === 'service' ? 'worker' : 'app')
  const patients = [...new Set(access.patients)].sort()
  const attestation = call.attestation({
    kind: 'admission',
    requestId,
    actorId: actor.accountId,
    action,
    view,
    fields: canonicalOf(fields),
    patients,
  })
  const answer = ask(connection, call, patients.length, [
    actor.sessionToken,
    requestId,
    action,
    view,
    jsonOf(fields),
    [...access.patients],
    access.purpose ?? null,
    actor.clientIp,
    access.resourceType ?? null,
    access.resourceId ?? null,
    access.reason ?? null,
    attestation,
  ])
  const expected = expectedRoles.get(`${actor.role} ${view} ${action}`)
  const early =
    expected === undefined || expected === 'none'
      ? undefined
      : begin(connection, { databaseRole: expected, requestId, action })
  const row = await answer.catch(async (error: unknown) => {
    if (early) await rollBack(connection)
    throw error
  })
  const databaseRole = row.database_role
  if (databaseRole === null || row.admitted.length === 0) {
    if (early) await rollBack(connection)
    return { kind: 'denied', reason: row.denied_reason ?? 'no-relation' }
  }
  const admitted = { requestId, databaseRole, patients: row.admitted, fields, view, action }
  if (early?.databaseRole === databaseRole) return { kind: 'admitted', admitted, begun: early }
  if (early) await rollBack(connection)
  return { kind: 'admitted', admitted, begun: begin(connection, admitted) }
}

const knownJson = new WeakMap<FieldsByModel, string>()

/** The fields as JSON; those of a view are written out once. */
function jsonOf(fields: FieldsByModel): string {
  const known = knownJson.get(fields) ?? JSON.stringify(fields)
  knownJson.set(fields, known)
  return known
}

const knownCanonical = new WeakMap<FieldsByModel, string>()

/** The fields in canonical JSON, as they are read back from the trail. */
function canonicalOf(fields: FieldsByModel): string {
  const known = knownCanonical.get(fields) ?? canonicalJson(fields)
  knownCanonical.set(fields, known)
  return known
}

async function ask(connection: Connection, call: Call, patients: number, values: unknown[]): Promise<Row> {
  try {
    const result = await connection.commit<Row>({ name: statementName(text), text, values })
    const row = result.rows[0]
    if (!row) throw new AuditUnavailable('the admission gave no answer')
    // Whom the database does not know has no entry of a patient but a security event.
    call.written(row.denied_reason === 'no-session' ? 0 : patients)
    return row
  } catch (error) {
    call.failed()
    if (error instanceof AuditUnavailable) throw error
    throw new AuditUnavailable('the access could not be recorded', { cause: error })
  }
}
