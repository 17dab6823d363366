'use server'

import type { PublicKeyCredentialRequestOptionsJSON } from '@simplewebauthn/server'
import { redirect } from 'next/navigation'
import { z } from 'zod'
import { finishSignIn } from '#lib/auth/finish-sign-in.ts'
import { beginPasskeySignIn } from '#lib/auth/passkey/begin-passkey.ts'
import { waitText } from '#lib/auth/refusal-text.ts'

/** What a device is to sign, for whoever it belongs to. The same for everybody: nothing is told about any account. */
export async function startWithPasskey(): Promise<PublicKeyCredentialRequestOptionsJSON> {
  return beginPasskeySignIn()
}

/** Takes a passkey's answer, opens the session and leads on; or says why not. */
export async function signInWithPasskey(answer: string): Promise<{ message: string }> {
  const given = z.string().min(1).max(8192).safeParse(answer)
  if (!given.success) return { message: notKnown }
  const outcome = await finishSignIn('passkey', given.data)
  if (outcome.kind === 'signed-in') redirect(outcome.path)
  if (outcome.kind === 'wait') return { message: waitText(outcome.seconds) }
  return {
    message:
      outcome.kind === 'start-again'
        ? 'That took longer than we may wait. Press the button again.'
        : notKnown,
  }
}

const notKnown = 'This passkey does not open an account here. Sign in with your email and password.'
