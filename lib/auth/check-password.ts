import 'server-only'

import { emailTokens } from './account-secrets.ts'
import type { Client } from './client.ts'
import { oneAtATime } from './one-at-a-time.ts'
import { verifyPassword } from './password.ts'
import { passwordLengthMax } from './password-rules.ts'
import { signInFactors } from './sign-in-factors.ts'
import { beginAttempt, failAttempt, turnFor } from './throttle.ts'

export type PasswordOutcome =
  | { kind: 'second-factor'; accountId: string }
  /** the password was right and there is no second factor yet: one has to be set up before anything else */
  | { kind: 'enrol'; accountId: string }
  /** no such account, not active, or a wrong password: the same answer after the same work (ASVS 5.0 6.3.8) */
  | { kind: 'wrong' }
  | { kind: 'wait'; seconds: number }

/** The first step of signing in. A session is never opened here: that takes the second factor. */
export async function checkPassword(
  email: string,
  password: string,
  client: Client,
): Promise<PasswordOutcome> {
  const tokens = await emailTokens(email)
  return oneAtATime(await turnFor(tokens, client), async () => {
    const attempt = await beginAttempt(tokens, client)
    if (attempt.retryAfterSeconds > 0) return { kind: 'wait', seconds: attempt.retryAfterSeconds }
    // Nobody has set one that is longer; nothing is cut off, and the work is the same.
    const isTooLong = [...password.normalize('NFC')].length > passwordLengthMax
    const matches = await verifyPassword(isTooLong ? null : attempt.passwordHash, isTooLong ? '' : password)
    if (!matches || attempt.accountId === null) {
      const seconds = await failAttempt(tokens, client, 'password')
      return seconds > 0 ? { kind: 'wait', seconds } : { kind: 'wrong' }
    }
    const { totp, passkey } = await signInFactors(attempt.accountId)
    return { kind: totp || passkey ? 'second-factor' : 'enrol', accountId: attempt.accountId }
  })
}
