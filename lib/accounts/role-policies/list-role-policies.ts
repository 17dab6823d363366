import 'server-only'

import { appQuery } from '#lib/db/app-database.ts'
import type { Actor } from '#lib/policy/actor.ts'
import { roleNames, personRoles, type PersonRole } from '#lib/policy/roles.ts'
import type { RolePolicyView } from './view.ts'

type Row = {
  role: PersonRole
  idle_minutes: number
  max_sessions: number
  passkey_only: boolean
  changed_at: Date | null
  people: number
  without_passkey: number
  open_sessions: number
}

/** The limits of every role, in the order of the roles; for administrators. */
export async function listRolePolicies(actor: Actor): Promise<RolePolicyView[]> {
  const rows = await appQuery<Row>('SELECT * FROM app.role_policies($1)', [actor.sessionToken])
  return rows
    .toSorted((a, b) => personRoles.indexOf(a.role) - personRoles.indexOf(b.role))
    .map((row) => ({
      role: row.role,
      roleName: roleNames[row.role],
      idleMinutes: row.idle_minutes,
      maxSessions: row.max_sessions,
      passkeyOnly: row.passkey_only,
      changedAt: row.changed_at?.toISOString() ?? null,
      people: row.people,
      withoutPasskey: row.without_passkey,
      openSessions: row.open_sessions,
    }))
}
