import 'server-only'

import {
  generateAuthenticationOptions,
  generateRegistrationOptions,
  type AuthenticatorTransport,
  type PublicKeyCredentialCreationOptionsJSON,
  type PublicKeyCredentialRequestOptionsJSON,
} from '@simplewebauthn/server'
import type { Actor } from '#lib/policy/actor.ts'
import { myEmail } from '#lib/auth/my-email.ts'
import { writeSealed } from '#lib/auth/sealed-state.ts'
import { listPasskeyIds } from './list-passkeys.ts'
import { relyingParty } from './relying-party.ts'

/** How long a device waits for its owner, in milliseconds; the sealed challenge lives as long. */
const patience = 5 * 60_000

/**
 * Begins signing in with a passkey: the device itself says whose it is, so nothing is asked and nothing given away. For server
 * actions.
 * @param owner whose it must be, when a password or a letter's link was shown before; which passkeys they have is not told
 */
export async function beginPasskeySignIn(
  owner?: string,
  purpose: 'sign-in' | 'recovery' = 'sign-in',
): Promise<PublicKeyCredentialRequestOptionsJSON> {
  const options = await generateAuthenticationOptions({
    rpID: relyingParty.id,
    userVerification: 'required',
    timeout: patience,
  })
  await writeSealed('passkey', {
    challenge: options.challenge,
    purpose,
    accountId: owner ?? null,
  })
  return options
}

/** Begins confirming who is at the keyboard of an open session, by one of the person's own passkeys. For server actions. */
export async function beginPasskeyStepUp(
  actor: Actor,
): Promise<PublicKeyCredentialRequestOptionsJSON | null> {
  return beginPasskeyOf(actor.accountId, await listPasskeyIds(actor))
}

/** The same for an account whose passkeys are known; null when there is none. For server actions. */
export async function beginPasskeyOf(
  accountId: string,
  passkeys: { id: string; transports: string[] }[],
): Promise<PublicKeyCredentialRequestOptionsJSON | null> {
  if (passkeys.length === 0) return null
  const options = await generateAuthenticationOptions({
    rpID: relyingParty.id,
    userVerification: 'required',
    timeout: patience,
    allowCredentials: descriptors(passkeys),
  })
  await writeSealed('passkey', { challenge: options.challenge, purpose: 'step-up', accountId })
  return options
}

/**
 * Begins adding a passkey: discoverable, so that signing in needs no name, and only with the owner verified by the device
 * (SP 800-63B-4 §3.1.7). The device lists it by the account's address. Devices that have one already are left out. For server
 * actions.
 */
export async function beginPasskeyRegistration(
  actor: Actor,
): Promise<PublicKeyCredentialCreationOptionsJSON> {
  const label = await myEmail(actor)
  const options = await registrationOptions(actor.accountId, label, await listPasskeyIds(actor))
  await writeSealed('passkey', { challenge: options.challenge, purpose: 'add', accountId: actor.accountId })
  return options
}

/**
 * Begins making the first passkey of somebody who has just shown or chosen a password and has no session yet. For server actions.
 * @param label how the device lists the account
 * @param name how its owner calls the device
 */
export async function beginPasskeyEnrolment(
  accountId: string,
  label: string,
  name: string,
): Promise<PublicKeyCredentialCreationOptionsJSON> {
  const options = await registrationOptions(accountId, label, [])
  await writeSealed('passkey', { challenge: options.challenge, purpose: 'enrol', accountId, name })
  return options
}

async function registrationOptions(
  accountId: string,
  label: string,
  known: { id: string; transports: string[] }[],
): Promise<PublicKeyCredentialCreationOptionsJSON> {
  return generateRegistrationOptions({
    rpName: relyingParty.name,
    rpID: relyingParty.id,
    userID: new TextEncoder().encode(accountId),
    userName: label,
    userDisplayName: label,
    attestationType: 'none',
    timeout: patience,
    excludeCredentials: descriptors(known),
    authenticatorSelection: { residentKey: 'required', userVerification: 'required' },
  })
}

function descriptors(keys: { id: string; transports: string[] }[]) {
  // What a browser said of itself when the passkey was made; it is handed back to browsers and to nobody else.
  return keys.map(({ id, transports }) => ({ id, transports: transports as AuthenticatorTransport[] }))
}
