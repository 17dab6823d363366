'use server'

import { redirect } from 'next/navigation'
import { z } from 'zod'
import type { FieldError } from '#components/ui/field-error.ts'
import { finishSignIn } from '#lib/auth/finish-sign-in.ts'
import { codeText, waitText } from '#lib/auth/refusal-text.ts'
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
  if (outcome.kind === 'start-again' || outcome.kind === 'gone')
    redirect(withQuery(paths.signIn, { notice: 'too-long' }))
  const message = outcome.kind === 'wait' ? waitText(outcome.seconds) : codeText(outcome.kind, method)
  return { failures: Number(before.failures) + 1, errors: [{ field: 'code', message }] }
}
