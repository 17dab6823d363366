import 'server-only'

import { deskLogin, type DeskLogin } from '#lib/phi/portal-desk.ts'
import type { Outcome } from '#lib/phi/types.ts'
import { withRecord } from '#lib/phi/with-record.ts'
import type { Actor } from '#lib/policy/actor.ts'
import { toBanner } from '#lib/records/shared/banner.ts'
import { today } from '#lib/records/shared/today.ts'
import { deskSelect, hindranceOf } from './desk-row.ts'
import type { PortalAccessView } from './view.ts'

/** Whether a patient has a login, how far it got, and what a new code would need. Null when there is no such patient. */
export async function openPortalAccess(
  actor: Actor,
  patientId: string,
): Promise<Outcome<PortalAccessView | null>> {
  return withRecord(
    actor,
    { view: 'portal-access', action: 'READ', patients: [patientId] },
    async (record) => {
      const row = await record.patient.findUnique({ where: { id: patientId }, select: deskSelect })
      if (!row) return null
      const login = await deskLogin(patientId)
      return {
        banner: toBanner(row, today()),
        login: login && { isSetUp: login.is_set_up, state: stateOf(login), code: codeOf(login) },
        email: row.patientContacts.find(({ kind }) => kind === 'email')?.value ?? null,
        hindrance: hindranceOf(actor, row),
      }
    },
  )
}

function stateOf({ status, activated }: DeskLogin): NonNullable<PortalAccessView['login']>['state'] {
  if (status === 'locked') return 'locked'
  if (status === 'deactivated') return 'closed'
  return activated && status === 'active' ? 'in-use' : 'waiting'
}

function codeOf(login: DeskLogin): NonNullable<PortalAccessView['login']>['code'] {
  const { code_state: state, code_issued_at: issuedAt, code_expires_at: expiresAt } = login
  if (state === null || issuedAt === null || expiresAt === null) return null
  return {
    state,
    issuedAt: issuedAt.toISOString(),
    expiresAt: expiresAt.toISOString(),
    issuedBy: login.code_issued_by,
  }
}
