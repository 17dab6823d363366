import 'server-only'

import { createHash } from 'node:crypto'
import { z } from 'zod'
import { authQuery, authQueryOne } from './auth-query.ts'
import { hashPassword } from './password.ts'
import { newReadableCode, plainReadableCode } from './readable-code.ts'

/** A new invitation code of 125 bits, as the invited person types it: `7K3MX-92QDA-4F0ZP-HW8TC-1N5RB`. */
export function newInvitationCode(): string {
  return newReadableCode(5)
}

/** What app.invitation holds of a code. It is random and longer than 112 bits, so a fast hash is enough (ASVS 5.0 6.5.2). */
export function invitationHash(typed: string): Buffer {
  return createHash('sha256').update(plainReadableCode(typed), 'utf8').digest()
}

export type InvitedPerson = { accountId: string; displayName: string }

/** Whose invitation it is, or null: unknown, used, replaced and expired are the same answer. */
export async function readInvitation(code: string): Promise<InvitedPerson | null> {
  const [row] = await authQuery(
    z.object({ account_id: z.uuid(), display_name: z.string().nullable() }),
    'SELECT account_id, display_name FROM app.invitation_open($1)',
    [invitationHash(code)],
  )
  return row ? { accountId: row.account_id, displayName: row.display_name ?? '' } : null
}

/**
 * Takes an invitation, once, and sets the person's first password. The second factor comes next: until then the
 * account cannot open a session.
 * @returns the account, or null when the invitation was used meanwhile
 */
export async function acceptInvitation(code: string, password: string): Promise<string | null> {
  const row = await authQueryOne(
    z.object({ account_id: z.uuid().nullable() }),
    'SELECT app.invitation_accept($1, $2) AS account_id',
    [invitationHash(code), await hashPassword(password)],
  )
  return row.account_id
}
