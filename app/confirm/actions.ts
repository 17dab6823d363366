'use server'

import type { PublicKeyCredentialRequestOptionsJSON } from '@simplewebauthn/server'
import { beginPasskeyStepUp } from '#lib/auth/passkey/begin-passkey.ts'
import { requireActor } from '#lib/auth/require-actor.ts'

/** What one of the person's own devices is to sign, to confirm who is at the keyboard; null when they have no passkey. */
export async function beginConfirming(): Promise<PublicKeyCredentialRequestOptionsJSON | null> {
  return beginPasskeyStepUp(await requireActor())
}
