import 'server-only'

import {
  verifyAuthenticationResponse,
  type AuthenticationResponseJSON,
  type AuthenticatorTransport,
} from '@simplewebauthn/server'
import { z } from 'zod'
import { authQuery, authQueryOne } from '#lib/auth/auth-query.ts'
import type { Client } from '#lib/auth/client.ts'
import { limitBrowser } from '#lib/auth/limit/limit-browser.ts'
import { dropSealed, readSealed } from '#lib/auth/sealed-state.ts'
import { challengeHash } from './challenge-hash.ts'
import { newDecoyKey } from './decoy-key.ts'
import { relyingParty } from './relying-party.ts'

export type PasskeyOutcome =
  | { kind: 'accepted'; accountId: string }
  /** unknown here, another person's, a wrong signature, or answered before */
  | { kind: 'wrong' }
  | { kind: 'wait'; seconds: number }
  /** nothing was asked, or more than five minutes ago */
  | { kind: 'start-again' }

const base64url = z
  .string()
  .regex(/^[A-Za-z0-9_-]+$/)
  .max(4096)

/** What a browser sends (WebAuthn §5.1 "AuthenticationResponseJSON"), as far as it is looked at. */
const assertion = z.object({
  id: base64url,
  rawId: base64url,
  type: z.literal('public-key'),
  response: z.object({
    clientDataJSON: base64url,
    authenticatorData: base64url,
    signature: base64url,
    userHandle: z.string().max(256).optional(),
  }),
  clientExtensionResults: z.looseObject({}).default({}),
})

const found = z.object({
  passkey_id: z.uuid().nullable(),
  account_id: z.uuid().nullable(),
  public_key: z.instanceof(Buffer).nullable(),
  sign_count: z.coerce.number().nullable(),
  transports: z.array(z.string()).nullable(),
})

/**
 * Checks the answer of a passkey to the challenge in this browser's sealed cookie, which is dropped.
 * @param purpose what the challenge must have been made for
 * @param answer JSON as the browser gave it
 * @param owner for a step-up: whose passkey it must be. For signing in, whoever the challenge was made for
 */
export async function checkPasskey(
  purpose: 'sign-in' | 'step-up' | 'recovery',
  answer: string,
  client: Client,
  owner?: string,
): Promise<PasskeyOutcome> {
  const state = await readSealed('passkey')
  if (state?.purpose !== purpose || (owner !== undefined && state.accountId !== owner))
    return { kind: 'start-again' }
  await dropSealed('passkey')
  return verifyPasskey(state.challenge, answer, client, state.accountId ?? undefined)
}

/**
 * Checks an answer to a challenge and uses the challenge up: signature, host, origin, that the owner was verified by the
 * device, and that its count goes on (WebAuthn §7.2).
 * @param challenge base64url
 */
export async function verifyPasskey(
  challenge: string,
  answer: string,
  client: Client,
  owner?: string,
): Promise<PasskeyOutcome> {
  const response = parseAnswer(answer)
  if (!response) return { kind: 'wrong' }
  // Of their own kind: whoever guesses passwords at this address, or at this account, keeps no passkey from being used.
  const turn = await limitBrowser('passkey', client)
  if (turn.kind === 'wait') return turn
  const credentialId = Buffer.from(response.id, 'base64url')
  const key = await authQueryOne(found, 'SELECT * FROM app.passkey_find($1, $2)', [credentialId, []])
  const verified = await verify(key, response, challenge)
  const isOwners = key.account_id !== null && (owner === undefined || key.account_id === owner)
  if (!verified || !isOwners) {
    await authQuery(z.object({}), 'SELECT app.passkey_failed($1, $2, $3)', [key.account_id, [], client.ip])
    return { kind: 'wrong' }
  }
  const row = await authQueryOne(done, 'SELECT app.passkey_accept($1, $2, $3, $4, $5) AS done', [
    key.passkey_id,
    verified.newCounter,
    verified.credentialBackedUp,
    challengeHash(challenge),
    client.ip,
  ])
  if (!row.done || key.account_id === null) return { kind: 'wrong' }
  await turn.giveBack()
  return { kind: 'accepted', accountId: key.account_id }
}

const done = z.object({ done: z.boolean() })

function parseAnswer(answer: string): z.infer<typeof assertion> | null {
  try {
    return assertion.parse(JSON.parse(answer))
  } catch {
    return null
  }
}

const decoyKey = newDecoyKey()

/** What the signature proves, or null when it proves nothing: after the same work where there is no such passkey. */
async function verify(key: z.infer<typeof found>, response: z.infer<typeof assertion>, challenge: string) {
  try {
    const { verified, authenticationInfo } = await verifyAuthenticationResponse({
      response: response as AuthenticationResponseJSON,
      expectedChallenge: challenge,
      expectedOrigin: relyingParty.origin,
      expectedRPID: relyingParty.id,
      requireUserVerification: true,
      credential: {
        id: response.id,
        publicKey: new Uint8Array(key.public_key ?? decoyKey),
        // The count is judged in SQL, in the statement that takes the answer, so that two at once cannot both pass.
        counter: 0,
        transports: (key.transports ?? []) as AuthenticatorTransport[],
      },
    })
    return verified && key.public_key !== null ? authenticationInfo : null
  } catch {
    return null
  }
}
