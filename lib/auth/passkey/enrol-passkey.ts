import 'server-only'

import { randomUUID } from 'node:crypto'
import { z } from 'zod'
import { sealText } from '#lib/accounts/sealed-text.ts'
import { authQueryOne } from '#lib/auth/auth-query.ts'
import { hashRecoveryCodes, newRecoveryCodes } from '#lib/auth/recovery-codes.ts'
import { challengeHash } from './challenge-hash.ts'
import { passkeyValues, verifyRegistration } from './verify-registration.ts'

export type PasskeyEnrolment =
  | { kind: 'enrolled'; recoveryCodes: string[] }
  /** not what the device should have sent, for another page, or a passkey that is known already */
  | { kind: 'wrong' }
  /** the challenge was answered before */
  | { kind: 'start-again' }
  /** somebody set up a second factor or another password meanwhile, or the account was closed */
  | { kind: 'gone' }

/**
 * Makes a passkey the second factor of somebody who has just shown or chosen a password, with ten recovery codes. The database
 * refuses an account that has a factor: a stolen password is not enough to add one. The exception is a person whose role signs in
 * by passkeys alone, who has none, and who gave a right code in the last ten minutes.
 * @param challenge base64url, made for this account
 * @param answer JSON as the browser gave it
 * @param name 1 to 60 characters
 * @param password which password was shown before (password-version.ts)
 * @param due for that exception: the end of the ten minutes, as ISO 8601, which only the browser of the code was given
 */
export async function enrolPasskey(
  accountId: string,
  challenge: string,
  answer: string,
  name: string,
  password: string | null,
  due?: string,
): Promise<PasskeyEnrolment> {
  const made = await verifyRegistration(answer, challenge)
  if (!made) return { kind: 'wrong' }
  const nameId = randomUUID()
  const recoveryCodes = newRecoveryCodes()
  const row = await authQueryOne(
    z.object({ outcome: z.enum(['added', 'gone', 'taken', 'answered']) }),
    'SELECT app.passkey_enrol($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13) AS outcome',
    [
      accountId,
      randomUUID(),
      ...passkeyValues(made),
      nameId,
      await sealText(nameId, name),
      challengeHash(challenge),
      await hashRecoveryCodes(recoveryCodes),
      due ?? null,
      Buffer.from(password ?? '', 'base64url'),
    ],
  )
  switch (row.outcome) {
    case 'added':
      return { kind: 'enrolled', recoveryCodes }
    case 'taken':
      return { kind: 'wrong' }
    case 'answered':
      return { kind: 'start-again' }
    case 'gone':
      return { kind: 'gone' }
  }
}
