import 'server-only'

import { isForGood } from '#lib/accounts/sign-ins/is-for-good.ts'
import { openAccountSecret } from '#lib/auth/account-secrets.ts'
import { RecordUnavailable } from '#lib/errors.ts'
import type { Actor } from '#lib/policy/actor.ts'
import { roleNames, type Role } from '#lib/policy/roles.ts'
import { peopleQuery } from './people-query.ts'
import type { PersonView, PortalCountView } from './view.ts'

type StaffRow = {
  account_id: string
  role: Role
  display_name: string | null
  job_title: string | null
  email_sealed: string
  status: PersonView['status']
  second_factor: boolean
  created_at: Date
  last_sign_in_at: Date | null
  open_sessions: number
  blocked_until: Date | null
}

/**
 * Every member of staff, with e-mail addresses opened for the administrator. Patients and proxies are not in it.
 * @throws RecordUnavailable when the database does not answer, or the actor is not an administrator
 */
export async function listPeople(actor: Actor): Promise<PersonView[]> {
  const rows = await call<StaffRow>('SELECT * FROM app.staff_list($1)', actor)
  return Promise.all(
    rows.map(async (row) => ({
      accountId: row.account_id,
      name: row.display_name ?? '',
      jobTitle: row.job_title ?? '',
      role: row.role,
      roleName: roleNames[row.role],
      email: await openAccountSecret('email', row.account_id, row.email_sealed),
      status: row.status,
      hasSecondFactor: row.second_factor,
      createdAt: row.created_at.toISOString(),
      lastSignInAt: row.last_sign_in_at?.toISOString() ?? null,
      openSessions: row.open_sessions,
      signInBlocked:
        row.blocked_until === null
          ? null
          : { until: isForGood(row.blocked_until) ? null : row.blocked_until.toISOString() },
    })),
  )
}

/** One member of staff; null for anybody else, patients included. */
export async function openPerson(actor: Actor, accountId: string): Promise<PersonView | null> {
  return (await listPeople(actor)).find((person) => person.accountId === accountId) ?? null
}

/** How many people use the portal as patients or proxies. */
export async function countPortalAccounts(actor: Actor): Promise<PortalCountView[]> {
  const rows = await call<{ role: Role; accounts: number; open_sessions: number }>(
    'SELECT * FROM app.portal_account_counts($1)',
    actor,
  )
  return rows.map((row) => ({
    roleName: roleNames[row.role],
    accounts: row.accounts,
    openSessions: row.open_sessions,
  }))
}

async function call<Row extends Record<string, unknown>>(text: string, actor: Actor): Promise<Row[]> {
  try {
    return await peopleQuery<Row>(actor, text)
  } catch (cause) {
    throw new RecordUnavailable('the list of people could not be read', { cause })
  }
}
