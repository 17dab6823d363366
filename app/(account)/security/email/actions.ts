'use server'

import { redirect } from 'next/navigation'
import { z } from 'zod'
import type { FieldError } from '#components/ui/field-error.ts'
import { askEmailChange } from '#lib/accounts/recovery/email-change.ts'
import { confirmPassword } from '#lib/auth/confirm-password.ts'
import { waitText } from '#lib/auth/refusal-text.ts'
import { requireActor } from '#lib/auth/require-actor.ts'
import { mySecondFactors, type AskedFactors } from '#lib/auth/second-factors.ts'
import { askText, stepUp } from '#lib/auth/step-up.ts'
import { paths, withQuery } from '#lib/paths.ts'

export type EmailState = { errors: FieldError[]; asks: AskedFactors; email: string }

const address = z.email().max(254)
const text = z.string().max(1024).catch('')

/** Asks for another e-mail address, after the password and a fresh second factor. It changes when the new address is confirmed. */
export async function changeEmail(_: EmailState, form: FormData): Promise<EmailState> {
  const actor = await requireActor()
  const typed = text.parse(form.get('email')).trim().slice(0, 254)
  const failed = (field: string, message: string, asks: AskedFactors = false): EmailState => ({
    errors: [{ field, message }],
    asks,
    email: typed,
  })
  const raised = await stepUp(actor, form, 'email-code')
  if (raised.kind === 'refused') return failed('email-code', raised.message, raised.asks)
  const given = address.safeParse(typed)
  if (!given.success) return failed('email', 'Enter an email address, such as name@example.org')
  const confirmed = await confirmPassword(raised.actor, text.parse(form.get('email-password')))
  if (confirmed.kind === 'wait') return failed('', waitText(confirmed.seconds))
  if (confirmed.kind === 'wrong') return failed('email-password', 'This is not your present password')
  const outcome = await askEmailChange(raised.actor, given.data)
  if (outcome === 'same') return failed('email', 'This is your address already')
  if (outcome === 'too-many') return failed('', 'You asked three times within an hour. Try again later.')
  if (outcome === 'code-needed') {
    const asks = await mySecondFactors(raised.actor)
    return failed('email-code', askText(asks), asks)
  }
  redirect(withQuery(paths.security, { done: 'email-asked' }))
}
