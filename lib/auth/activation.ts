import 'server-only'

import { createHash, createHmac } from 'node:crypto'
import { z } from 'zod'
import { openAccountSecret } from './account-secrets.ts'
import { authQuery, authQueryOne } from './auth-query.ts'
import type { Client } from './client.ts'
import { hashPassword } from './password.ts'
import { newReadableCode, plainReadableCode } from './readable-code.ts'

/** A new activation code of 125 bits, as it stands on the letter: `7K3MX-92QDA-4F0ZP-HW8TC-1N5RB`. */
export function newActivationCode(): string {
  return newReadableCode(5)
}

/** What a person who has a code shows: neither the code nor the birth date, but what the database compares. */
export type ActivationProof = { codeHash: Buffer; birthCheck: Buffer }

/**
 * The two values that app.activation holds. The birth date is authenticated under the code itself: without the code, which is
 * stored nowhere, nobody learns a birth date from the table, and no key has to be renewed for it.
 * @param typed the code, in any spelling
 * @param birthDate `YYYY-MM-DD`
 */
export function activationProof(typed: string, birthDate: string): ActivationProof {
  const code = plainReadableCode(typed)
  return {
    codeHash: createHash('sha256').update(code, 'utf8').digest(),
    birthCheck: createHmac('sha256', code).update(`vigil activation birth date\n${birthDate}`).digest(),
  }
}

/**
 * Whose login a code is for. Unknown, used, void, expired and the wrong birth date are one answer: null. The fifth wrong birth date
 * makes a code void.
 */
export async function openActivation(
  { codeHash, birthCheck }: ActivationProof,
  client: Client,
): Promise<{ email: string } | null> {
  const [row] = await authQuery(
    z.object({ account_id: z.uuid(), email_sealed: z.string() }),
    'SELECT account_id, email_sealed FROM app.activation_open($1, $2, $3)',
    [codeHash, birthCheck, client.ip],
  )
  return row ? { email: await openAccountSecret('email', row.account_id, row.email_sealed) } : null
}

/**
 * Uses a code up and sets the password. What the login had before ends with it: sessions, passkeys, authenticator app, recovery
 * codes. It opens no session: a second factor has to be set up first.
 * @returns the account, or null when the code is not good any more
 */
export async function acceptActivation(
  { codeHash, birthCheck }: ActivationProof,
  password: string,
  client: Client,
): Promise<string | null> {
  const row = await authQueryOne(
    z.object({ account_id: z.uuid().nullable() }),
    'SELECT app.activation_accept($1, $2, $3, $4) AS account_id',
    [codeHash, birthCheck, await hashPassword(password), client.ip],
  )
  return row.account_id
}
