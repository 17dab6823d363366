import 'server-only'

import { z } from 'zod'
import { openAccountSecret } from './account-secrets.ts'
import { authQuery, authQueryOne } from './auth-query.ts'
import type { Client } from './client.ts'
import { oneAtATime } from './one-at-a-time.ts'
import { findRecoveryCode } from './recovery-codes.ts'
import { signInFactors } from './sign-in-factors.ts'
import { beginAttempt, failAttempt, turnFor } from './throttle.ts'
import { acceptableStep } from './totp-time.ts'

export type SecondFactorOutcome =
  | { kind: 'accepted' }
  | { kind: 'wrong' }
  /** the code was right and has been used before (RFC 6238 §5.2) */
  | { kind: 'used' }
  | { kind: 'wait'; seconds: number }
  /** the account was closed, has no such factor, or its role does not take it */
  | { kind: 'gone' }

/** Checks a code of the person's authenticator app and uses it up. */
export async function checkOneTimeCode(
  accountId: string,
  code: string,
  client: Client,
): Promise<SecondFactorOutcome> {
  return checked(accountId, client, 'code', async (secret) => {
    if (secret === null) return 'gone'
    const step = await acceptableStep(secret, code)
    if (step === null) return 'wrong'
    const row = await authQueryOne(done, 'SELECT app.totp_accept($1, $2) AS done', [accountId, step])
    return row.done ? 'accepted' : 'used'
  })
}

/** Checks a recovery code and uses it up. */
export async function checkRecoveryCode(
  accountId: string,
  code: string,
  client: Client,
): Promise<SecondFactorOutcome> {
  return checked(accountId, client, 'recovery-code', async () => {
    const rows = await authQuery(unusedCode, 'SELECT id, code_hash FROM app.recovery_codes($1)', [accountId])
    const unused = rows.map((row) => ({ id: row.id, codeHash: row.code_hash }))
    const id = await findRecoveryCode(unused, code)
    if (id === null) return 'wrong'
    const row = await authQueryOne(done, 'SELECT app.recovery_code_use($1, $2) AS done', [accountId, id])
    return row.done ? 'accepted' : 'used'
  })
}

const done = z.object({ done: z.boolean() })
const unusedCode = z.object({ id: z.uuid(), code_hash: z.string() })
const secrets = z.object({
  totp_secret_sealed: z.string().nullable(),
  status: z.string(),
  email_tokens: z.array(z.instanceof(Buffer)),
})

/** What both kinds share: the brake before, one check at a time for an account, the count after. */
async function checked(
  accountId: string,
  client: Client,
  kind: 'code' | 'recovery-code',
  check: (totpSecret: string | null) => Promise<'accepted' | 'wrong' | 'used' | 'gone'>,
): Promise<SecondFactorOutcome> {
  const [row] = await authQuery(secrets, 'SELECT * FROM app.sign_in_secrets($1)', [accountId])
  if (row?.status !== 'active') return { kind: 'gone' }
  const { totp } = await signInFactors(accountId)
  const { email_tokens: email, totp_secret_sealed: sealed } = row
  return oneAtATime(await turnFor(email, client), async () => {
    const attempt = await beginAttempt(email, client)
    if (attempt.retryAfterSeconds > 0) return { kind: 'wait', seconds: attempt.retryAfterSeconds }
    const secret = totp && sealed !== null ? await openAccountSecret('totp-secret', accountId, sealed) : null
    const outcome = await check(secret)
    if (outcome === 'accepted' || outcome === 'gone') return { kind: outcome }
    const seconds = await failAttempt(email, client, kind)
    return seconds > 0 ? { kind: 'wait', seconds } : { kind: outcome }
  })
}
