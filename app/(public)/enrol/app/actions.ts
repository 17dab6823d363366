'use server'

import { redirect } from 'next/navigation'
import { z } from 'zod'
import type { FieldError } from '#components/ui/field-error.ts'
import { finishSignIn } from '#lib/auth/finish-sign-in.ts'
import { codeText, waitText } from '#lib/auth/refusal-text.ts'
import { paths, withQuery } from '#lib/paths.ts'

export type EnrolState = { errors: FieldError[] }

const input = z.string().trim().min(1).max(64)

/** Turns the second factor on, opens the session, and leads to the recovery codes. */
export async function turnOn(_: EnrolState, form: FormData): Promise<EnrolState> {
  const code = input.safeParse(form.get('code'))
  if (!code.success) return { errors: [{ field: 'code', message: 'Enter the code that your app shows' }] }
  const outcome = await finishSignIn('enrolment', code.data)
  if (outcome.kind === 'signed-in') redirect(paths.recoveryCodes)
  if (outcome.kind === 'start-again' || outcome.kind === 'gone' || outcome.kind === 'add-passkey')
    redirect(withQuery(paths.signIn, { notice: 'too-long' }))
  const message = outcome.kind === 'wait' ? waitText(outcome.seconds) : codeText(outcome.kind, 'enrolment')
  return { errors: [{ field: 'code', message }] }
}
