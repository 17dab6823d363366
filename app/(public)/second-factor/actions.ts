'use server'

import type { PublicKeyCredentialRequestOptionsJSON } from '@simplewebauthn/server'
import { redirect } from 'next/navigation'
import { z } from 'zod'
import type { FieldError } from '#components/ui/field-error.ts'
import { finishSignIn } from '#lib/auth/finish-sign-in.ts'
import { beginPasskeySignIn } from '#lib/auth/passkey/begin-passkey.ts'
import { codeText, waitText } from '#lib/auth/refusal-text.ts'
import { readSealed } from '#lib/auth/sealed-state.ts'
import { paths, withQuery } from '#lib/paths.ts'

export type CodeState = { errors: FieldError[]; failures: number }

const input = z.object({
  method: z.enum(['totp', 'recovery-code']),
  code: z.string().trim().min(1, 'Enter the code').max(64, 'Enter the code'),
})

/** Takes the second step with a one-time code or a recovery code, and opens the session. */
export async function takeSecondStep(before: CodeState, form: FormData): Promise<CodeState> {
  const given = input.safeParse({ method: form.get('method'), code: form.get('code') })
  if (!given.success) return { ...before, errors: [{ field: 'code', message: 'Enter the code' }] }
  const { method, code } = given.data
  const outcome = await finishSignIn(method, code)
  if (outcome.kind === 'signed-in') redirect(outcome.path)
  if (outcome.kind === 'add-passkey') redirect(paths.enrol)
  if (outcome.kind === 'start-again' || outcome.kind === 'gone')
    redirect(withQuery(paths.signIn, { notice: 'too-long' }))
  const message = outcome.kind === 'wait' ? waitText(outcome.seconds) : codeText(outcome.kind, method)
  return { failures: Number(before.failures) + 1, errors: [{ field: 'code', message }] }
}

/** What one of the account's passkeys is to sign, after its password. Which ones there are is not told. */
export async function startSecondStepByPasskey(): Promise<PublicKeyCredentialRequestOptionsJSON> {
  const state = await readSealed('second-factor')
  if (state === null) redirect(withQuery(paths.signIn, { notice: 'too-long' }))
  return beginPasskeySignIn(state.accountId)
}

/** Takes the second step with a passkey of the same account, and opens the session; or says why not. */
export async function takeSecondStepByPasskey(answer: string): Promise<{ message: string }> {
  const given = z.string().min(1).max(8192).safeParse(answer)
  const outcome = given.success ? await finishSignIn('passkey', given.data) : { kind: 'wrong' as const }
  if (outcome.kind === 'signed-in') redirect(outcome.path)
  if (outcome.kind === 'wait') return { message: waitText(outcome.seconds) }
  return {
    message:
      outcome.kind === 'start-again'
        ? 'That took longer than we may wait. Press the button again.'
        : 'This passkey is not one of this account’s. Use another one, or a recovery code.',
  }
}
