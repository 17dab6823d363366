import 'server-only'

import {
  verifyRegistrationResponse,
  type RegistrationResponseJSON,
  type VerifiedRegistrationResponse,
} from '@simplewebauthn/server'
import { z } from 'zod'
import { relyingParty } from './relying-party.ts'

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

type NewPasskey = NonNullable<VerifiedRegistrationResponse['registrationInfo']>

/**
 * The passkey that a device has made for a challenge, or null when the answer is not one: another site, another challenge, an
 * owner whom the device did not verify (WebAuthn §7.1).
 * @param answer JSON as the browser gave it
 * @param challenge base64url
 */
export async function verifyRegistration(answer: string, challenge: string): Promise<NewPasskey | null> {
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

/** What the database keeps of a new passkey, in the order of app.passkey_add and app.passkey_enrol, from the credential's id on. */
export function passkeyValues(made: NewPasskey): unknown[] {
  return [
    Buffer.from(made.credential.id, 'base64url'),
    Buffer.from(made.credential.publicKey),
    made.credential.counter,
    made.credential.transports ?? [],
    made.credentialBackedUp,
  ]
}
