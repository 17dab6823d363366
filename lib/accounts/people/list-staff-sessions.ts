import 'server-only'

import { browserName } from '#lib/auth/browser-name.ts'
import { appQuery } from '#lib/db/app-database.ts'
import type { Actor } from '#lib/policy/actor.ts'
import { roleNames, type Role } from '#lib/policy/roles.ts'
import type { StaffSessionView } from './view.ts'

type SessionRow = {
  session_id: string
  account_id: string
  role: Role
  display_name: string | null
  opened_at: Date
  last_active_at: Date
  ended_at: Date | null
  end_reason: string | null
  client_ip: string | null
  user_agent: string | null
  is_active: boolean
  is_current: boolean
}

/** Open and recent sessions of staff, or of one member of staff: the open ones first, 200 at most. */
export async function listStaffSessions(
  actor: Actor,
  accountId: string | null = null,
): Promise<StaffSessionView[]> {
  const rows = await appQuery<SessionRow>('SELECT * FROM app.staff_sessions($1, $2)', [
    actor.sessionToken,
    accountId,
  ])
  return rows.map((row) => ({
    sessionId: row.session_id,
    accountId: row.account_id,
    name: row.display_name ?? '',
    roleName: roleNames[row.role],
    openedAt: row.opened_at.toISOString(),
    lastActiveAt: row.last_active_at.toISOString(),
    endedAt: row.ended_at?.toISOString() ?? null,
    endReason: endReasonInWords(row.end_reason, row.is_active),
    clientIp: row.client_ip,
    browser: row.user_agent === null ? null : browserName(row.user_agent),
    isActive: row.is_active,
    isCurrent: row.is_current,
  }))
}

const endReasons: Readonly<Record<string, string>> = {
  'sign-out': 'signed out',
  idle: 'not used for too long',
  expired: 'longest life reached',
  'ended-by-owner': 'ended by the person',
  'ended-by-admin': 'ended by an administrator',
  'role-changed': 'role changed',
  'account-deactivated': 'account deactivated',
  locked: 'locked by its owner from an email',
  'provider-logout': 'signed out at the identity provider',
  'role-withdrawn': 'role withdrawn by the identity provider',
  'password-changed': 'password changed',
  'email-changed': 'email address changed',
  limit: 'signed in elsewhere: too many at once',
  'unlock-failed': 'not unlocked in five tries',
  'passkey-only': 'only passkeys count now',
  recovery: 'login set up anew',
}

/** A session that was not used for too long has no power, though nobody came to write its end down. */
function endReasonInWords(reason: string | null, isActive: boolean): string | null {
  if (reason === null) return isActive ? null : 'not used for too long'
  return endReasons[reason] ?? reason
}
