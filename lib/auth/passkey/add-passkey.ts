import 'server-only'

import { randomUUID } from 'node:crypto'
import { z } from 'zod'
import { sealText } from '#lib/accounts/sealed-text.ts'
import type { Actor } from '#lib/policy/actor.ts'
import { authQueryOne } from '#lib/auth/auth-query.ts'
import { dropSealed, readSealed } from '#lib/auth/sealed-state.ts'
import { challengeHash } from './challenge-hash.ts'
import { passkeyValues, verifyRegistration } from './verify-registration.ts'

export type AddedPasskey =
  | 'added'
  /** not what the device should have sent, or for another page */
  | 'wrong'
  /** asked for more than five minutes ago, or answered before */
  | 'start-again'
  | 'code-needed'
  | 'too-many'
  /** this device's passkey is known already */
  | 'taken'

/**
 * Adds the passkey that a device has just made, under the name that its owner gave it. The database asks for a second
 * factor that is younger than five minutes, and takes at most ten.
 * @param answer JSON as the browser gave it
 * @param name 1 to 60 characters
 */
export async function addPasskey(actor: Actor, answer: string, name: string): Promise<AddedPasskey> {
  const state = await readSealed('passkey')
  if (state?.purpose !== 'add' || state.accountId !== actor.accountId) return 'start-again'
  await dropSealed('passkey')
  return keepPasskey(actor, state.challenge, answer, name)
}

/** The same, for a challenge in base64url that is known to be this person's. */
export async function keepPasskey(
  actor: Actor,
  challenge: string,
  answer: string,
  name: string,
): Promise<AddedPasskey> {
  const made = await verifyRegistration(answer, challenge)
  if (!made) return 'wrong'
  const nameId = randomUUID()
  const row = await authQueryOne(
    outcome,
    'SELECT app.passkey_add($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) AS outcome',
    [
      actor.sessionToken,
      randomUUID(),
      ...passkeyValues(made),
      nameId,
      await sealText(nameId, name),
      challengeHash(challenge),
    ],
  )
  return outcomes[row.outcome]
}

const outcome = z.object({
  outcome: z.enum(['added', 'no-session', 'not-fresh', 'too-many', 'taken', 'answered']),
})
const outcomes: Readonly<Record<z.infer<typeof outcome>['outcome'], AddedPasskey>> = {
  added: 'added',
  'no-session': 'code-needed',
  'not-fresh': 'code-needed',
  'too-many': 'too-many',
  taken: 'taken',
  answered: 'start-again',
}
