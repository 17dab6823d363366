import 'server-only'

import { randomUUID } from 'node:crypto'
import { openTexts, sealNewText } from '#lib/accounts/sealed-text.ts'
import { invitationHash } from '#lib/auth/invitation.ts'
import { newReadableCode } from '#lib/auth/readable-code.ts'
import type { Actor } from '#lib/policy/actor.ts'
import { roleNames } from '#lib/policy/roles.ts'
import { peopleQuery } from './people-query.ts'
import { provenQuery } from './proven-query.ts'
import type { StaffRecoveryView } from './view.ts'

/** Why a colleague needs a new sign-in; what the form offers. */
export const recoveryReasons = ['lost-factors', 'forgot-password', 'locked'] as const
export type RecoveryReason = (typeof recoveryReasons)[number]

/** Groups of five letters of each half: 75 bits, so that whoever has one half cannot try the other. */
const groupsOfHalf = 3

export type StaffRecoveryAsked = { kind: 'asked'; half: string } | { kind: 'nothing' | 'open' }

/**
 * First administrator: asks for a colleague's sign-in to be set up anew, and gets the first half of the code. Nothing changes until a
 * second administrator agrees.
 * @throws SecondFactorTooOld (stepUp first)
 */
export async function askStaffRecovery(
  actor: Actor,
  accountId: string,
  reason: RecoveryReason,
): Promise<StaffRecoveryAsked> {
  const half = newReadableCode(groupsOfHalf)
  const text = await sealNewText(half)
  const outcome = await provenQuery<'asked' | 'nothing' | 'open'>(
    actor,
    'app.staff_recovery_ask($1, $2, $3, $4, $5, $6)',
    [randomUUID(), accountId, reason, text.id, text.sealed],
  )
  return outcome === 'asked' ? { kind: outcome, half } : { kind: outcome }
}

/**
 * Second administrator: agrees, and gets the second half of the code. From here on the old password and factors of the colleague open
 * nothing. Neither half works alone, and nobody but the colleague ever has both.
 * @returns the second half, or null when this administrator may not agree, or it is too late
 */
export async function agreeToStaffRecovery(actor: Actor, requestId: string): Promise<string | null> {
  const [request] = await peopleQuery<{ half_text_id: string; half_sealed: string }>(
    actor,
    'SELECT half_text_id, half_sealed FROM app.staff_recovery_open($1, $2)',
    [requestId],
  )
  if (!request) return null
  const texts = await openTexts([{ id: request.half_text_id, sealed: request.half_sealed }])
  const half = newReadableCode(groupsOfHalf)
  const done = await provenQuery<boolean>(actor, 'app.staff_recovery_agree($1, $2, $3)', [
    requestId,
    invitationHash(`${texts.get(request.half_text_id) ?? ''}-${half}`),
  ])
  return done ? half : null
}

/** Takes a request back, or refuses it. */
export async function closeStaffRecovery(actor: Actor, requestId: string): Promise<boolean> {
  const [row] = await peopleQuery<{ done: boolean }>(
    actor,
    'SELECT app.staff_recovery_close($1, $2) AS done',
    [requestId],
  )
  return row?.done === true
}

type Row = {
  request_id: string
  account_id: string
  display_name: string | null
  role: keyof typeof roleNames
  reason: RecoveryReason
  asked_by_name: string | null
  asked_at: Date
  expires_at: Date
  is_mine: boolean
  is_about_me: boolean
}

/** What waits for a second administrator, the oldest first. */
export async function listStaffRecoveries(actor: Actor): Promise<StaffRecoveryView[]> {
  const rows = await peopleQuery<Row>(actor, 'SELECT * FROM app.staff_recovery_list($1)')
  return rows.map((row) => ({
    requestId: row.request_id,
    accountId: row.account_id,
    name: row.display_name ?? '',
    roleName: roleNames[row.role],
    reason: row.reason,
    askedBy: row.asked_by_name ?? '',
    askedAt: row.asked_at.toISOString(),
    expiresAt: row.expires_at.toISOString(),
    /** who asked, and whom it is about, cannot agree */
    mayAgree: !row.is_mine && !row.is_about_me,
  }))
}

/** The operator on the server, where the clinic has not two other administrators. @returns the whole code, or null */
export async function recoverAsOperator(operator: Actor, accountId: string): Promise<string | null> {
  const code = newReadableCode(2 * groupsOfHalf)
  const [row] = await peopleQuery<{ done: boolean }>(
    operator,
    'SELECT app.staff_recovery_by_operator($1, $2, $3) AS done',
    [accountId, invitationHash(code)],
  )
  return row?.done ? code : null
}
