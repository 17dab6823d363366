'use server'

import { redirect } from 'next/navigation'
import { z } from 'zod'
import type { FieldError } from '#components/ui/field-error.ts'
import { waitText } from '#lib/auth/refusal-text.ts'
import { startSignIn } from '#lib/auth/start-sign-in.ts'

export type SignInState = { errors: FieldError[]; email: string }

const input = z.object({
  email: z.string().trim().min(1, 'Enter your email address').max(254, 'Enter your email address'),
  password: z.string().min(1, 'Enter your password').max(1024, 'Enter your password'),
})

/** Checks e-mail address and password. The answer never says which of the two was wrong. */
export async function signIn(_: SignInState, form: FormData): Promise<SignInState> {
  const given = input.safeParse({ email: form.get('email'), password: form.get('password') })
  const email = z.string().max(254).catch('').parse(form.get('email'))
  if (!given.success)
    return {
      email,
      errors: given.error.issues.map((issue) => ({ field: String(issue.path[0]), message: issue.message })),
    }
  const outcome = await startSignIn(given.data.email, given.data.password)
  if (outcome.kind === 'go-on') redirect(outcome.path)
  const message =
    outcome.kind === 'wait'
      ? waitText(outcome.seconds)
      : 'The email address or the password is not right. Check both and try again.'
  return { email, errors: [{ field: '', message }] }
}
