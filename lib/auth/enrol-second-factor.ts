import 'server-only'

import { z } from 'zod'
import { sealAccountSecret } from './account-secrets.ts'
import { authQueryOne } from './auth-query.ts'
import { hashRecoveryCodes, newRecoveryCodes } from './recovery-codes.ts'
import { acceptableStep } from './totp-time.ts'

export type EnrolmentOutcome =
  | { kind: 'enrolled'; recoveryCodes: string[] }
  | { kind: 'wrong' }
  /** somebody set up a second factor or another password meanwhile, or the account was closed */
  | { kind: 'gone' }

/**
 * Turns the second factor on, once the person has shown that their app gives the right codes. A second enrolment is
 * refused by the database: a stolen password is not enough to replace a factor.
 * @param secret the one that was shown, in base 32
 * @param password which password was shown before (password-version.ts)
 */
export async function enrolSecondFactor(
  accountId: string,
  secret: string,
  code: string,
  password: string | null,
): Promise<EnrolmentOutcome> {
  const step = await acceptableStep(secret, code)
  if (step === null) return { kind: 'wrong' }
  const recoveryCodes = newRecoveryCodes()
  const row = await authQueryOne(
    z.object({ done: z.boolean() }),
    'SELECT app.totp_enrol($1, $2, $3, $4, $5) AS done',
    [
      accountId,
      await sealAccountSecret('totp-secret', accountId, secret),
      step,
      await hashRecoveryCodes(recoveryCodes),
      Buffer.from(password ?? '', 'base64url'),
    ],
  )
  return row.done ? { kind: 'enrolled', recoveryCodes } : { kind: 'gone' }
}
