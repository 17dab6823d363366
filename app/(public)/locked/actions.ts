'use server'

import type { PublicKeyCredentialRequestOptionsJSON } from '@simplewebauthn/server'
import { redirect } from 'next/navigation'
import { z } from 'zod'
import type { FieldError } from '#components/ui/field-error.ts'
import { codeText, waitText } from '#lib/auth/refusal-text.ts'
import { unsealPath } from '#lib/auth/seal-path.ts'
import { beginPasskeyUnlock, unlockSession, type Unlocked } from '#lib/auth/unlock-session.ts'
import { plural } from '#lib/format.ts'
import { paths } from '#lib/paths.ts'

export type UnlockState = { errors: FieldError[] }

/** Opens a locked session again with a one-time code, and goes back to the page that was covered. */
export async function unlockWithCode(_: UnlockState, form: FormData): Promise<UnlockState> {
  const code = z.string().trim().min(1).max(64).safeParse(form.get('code'))
  if (!code.success) return { errors: [{ field: 'code', message: 'Enter the code that your app shows now' }] }
  const message = await refusal(await unlockSession({ code: code.data }), form.get('to'))
  return { errors: [{ field: 'code', message }] }
}

/** What the owner's device is to sign; null when they have no passkey. */
export async function beginUnlocking(): Promise<PublicKeyCredentialRequestOptionsJSON | null> {
  return beginPasskeyUnlock()
}

/** The same with a passkey's answer. */
export async function unlockWithPasskey(answer: string, to: string): Promise<{ message: string }> {
  const given = z.string().min(1).max(8192).safeParse(answer)
  const outcome = given.success
    ? await unlockSession({ answer: given.data })
    : { kind: 'start-again' as const }
  return { message: await refusal(outcome, to) }
}

/** What is said when it stays locked; otherwise goes on. */
async function refusal(outcome: Unlocked, to: unknown): Promise<string> {
  switch (outcome.kind) {
    case 'unlocked':
      return redirect(
        (await unsealPath(z.string().max(2000).nullable().catch(null).parse(to))) ?? paths.start,
      )
    case 'gone':
      return redirect(paths.sessionOver)
    case 'wait':
      return waitText(outcome.seconds)
    case 'start-again':
      return 'That took longer than we may wait. Press the button again.'
    case 'used':
      return codeText('used', 'totp')
    case 'wrong':
      if (outcome.triesLeft === 0) return redirect(paths.sessionOver)
      return `${codeText('wrong', 'totp')} ${plural(outcome.triesLeft, 'try is left', 'tries are left')}, then you have to sign in again.`
  }
}
