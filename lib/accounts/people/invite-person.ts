import 'server-only'

import { randomUUID } from 'node:crypto'
import { emailTokens, sealAccountSecret } from '#lib/auth/account-secrets.ts'
import { invitationHash, newInvitationCode } from '#lib/auth/invitation.ts'
import { RecordUnavailable } from '#lib/errors.ts'
import type { Actor } from '#lib/policy/actor.ts'
import type { InvitationInput } from './input.ts'
import { provenQuery } from './proven-query.ts'

export type Invited = { kind: 'invited'; accountId: string; code: string } | { kind: 'taken' }

/**
 * Makes an account for a member of staff and an invitation code that works once and for seven days. The code is shown
 * to the administrator here and nowhere again; only its hash is stored.
 * @returns `taken` when the address has a login already: one person, one login
 * @throws RecordUnavailable, KeysUnavailable
 */
export async function invitePerson(actor: Actor, input: InvitationInput): Promise<Invited> {
  const accountId = randomUUID()
  const code = newInvitationCode()
  try {
    await provenQuery(actor, 'app.account_invite($1, $2, $3, $4, $5, $6, $7, $8)', [
      accountId,
      input.role,
      input.name,
      input.jobTitle === '' ? null : input.jobTitle,
      await sealAccountSecret('email', accountId, input.email),
      await emailTokens(input.email),
      invitationHash(code),
    ])
  } catch (cause) {
    if (typeof cause === 'object' && cause !== null && 'code' in cause && cause.code === '23505')
      return { kind: 'taken' }
    throw new RecordUnavailable('the invitation could not be made', { cause })
  }
  return { kind: 'invited', accountId, code }
}

/** A new code for somebody who has not accepted; the old one stops working. Null when there is nobody to invite again. */
export async function renewInvitation(actor: Actor, accountId: string): Promise<string | null> {
  const code = newInvitationCode()
  const done = await provenQuery<boolean>(actor, 'app.invitation_renew($1, $2, $3)', [
    accountId,
    invitationHash(code),
  ])
  return done ? code : null
}
