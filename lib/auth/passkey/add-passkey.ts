import 'server-only'

import { randomUUID } from 'node:crypto'
import { verifyRegistrationResponse, type RegistrationResponseJSON } from '@simplewebauthn/server'
import { z } from 'zod'
import { sealText } from '#lib/accounts/sealed-text.ts'
import type { Actor } from '#lib/policy/actor.ts'
import { authQueryOne } from '#lib/auth/auth-query.ts'
import { dropSealed, readSealed } from '#lib/auth/sealed-state.ts'
import { challengeHash } from './challenge-hash.ts'
import { relyingParty } from './relying-party.ts'

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

const base64url = z
  .string()
  .regex(/^[A-Za-z0-9_-]+$/)
  .max(16_384)

/** What a browser sends (WebAuthn §5.1 "RegistrationResponseJSON"), as far as it is looked at. */
const registration = z.object({
  id: base64url,
  rawId: base64url,
  type: z.literal('public-key'),
  response: z.object({
    clientDataJSON: base64url,
    attestationObject: base64url,
    transports: z.array(z.string().max(20)).max(8).optional(),
  }),
  clientExtensionResults: z.looseObject({}).default({}),
})

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
  const made = await verify(answer, challenge)
  if (!made) return 'wrong'
  const nameId = randomUUID()
  const row = await authQueryOne(
    outcome,
    'SELECT app.passkey_add($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) AS outcome',
    [
      actor.sessionToken,
      randomUUID(),
      Buffer.from(made.credential.id, 'base64url'),
      Buffer.from(made.credential.publicKey),
      made.credential.counter,
      made.credential.transports ?? [],
      made.credentialBackedUp,
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

async function verify(answer: string, challenge: string) {
  try {
    const { registrationInfo } = await verifyRegistrationResponse({
      response: registration.parse(JSON.parse(answer)) as RegistrationResponseJSON,
      expectedChallenge: challenge,
      expectedOrigin: relyingParty.origin,
      expectedRPID: relyingParty.id,
      requireUserVerification: true,
    })
    return registrationInfo ?? null
  } catch {
    return null
  }
}
