'use server'

import { redirect } from 'next/navigation'
import { z } from 'zod'
import type { FieldError } from '#components/ui/field-error.ts'
import { changePassword } from '#lib/auth/change-password.ts'
import { passwordFaultText } from '#lib/auth/password-rules.ts'
import { waitText } from '#lib/auth/refusal-text.ts'
import { replaceRecoveryCodes } from '#lib/auth/replace-recovery-codes.ts'
import { requireActor } from '#lib/auth/require-actor.ts'
import { mySecondFactors, type AskedFactors } from '#lib/auth/second-factors.ts'
import { askText, stepUp } from '#lib/auth/step-up.ts'
import { refusedFully, stepUpFully } from '#lib/auth/step-up-fully.ts'
import { paths, withQuery } from '#lib/paths.ts'
import type { Actor } from '#lib/policy/actor.ts'

/** asksPassword: a code is not enough for this change, the password is to be shown as well */
export type SecurityState = { errors: FieldError[]; asks: AskedFactors; asksPassword?: boolean }

const text = z.string().max(1024).catch('')

/** Makes ten new recovery codes, after everything was shown again. */
export async function makeRecoveryCodes(_: SecurityState, form: FormData): Promise<SecurityState> {
  const actor = await requireActor()
  const raised = await stepUpFully(actor, form, 'codes-code')
  if (raised.kind === 'refused') return refusedFully(raised)
  if (!(await replaceRecoveryCodes(raised.actor))) return askAgain(raised.actor, 'codes-code')
  redirect(paths.recoveryCodes)
}

/** Sets a new password, after the present one and a fresh one-time code. */
export async function setPassword(_: SecurityState, form: FormData): Promise<SecurityState> {
  const actor = await requireActor()
  const raised = await stepUp(actor, form, 'password-code')
  if (raised.kind === 'refused') return failed('password-code', raised.message, raised.asks)
  const outcome = await changePassword(
    raised.actor,
    text.parse(form.get('current')),
    text.parse(form.get('next')),
  )
  switch (outcome.kind) {
    case 'changed':
      return redirect(withQuery(paths.security, { done: 'password-changed' }))
    case 'wrong-current':
      return failed('current', 'This is not your present password')
    case 'refused':
      return failed('next', passwordFaultText[outcome.fault])
    case 'wait':
      return failed('', waitText(outcome.seconds))
    case 'code-needed':
      return askAgain(raised.actor, 'password-code')
  }
}

function failed(field: string, message: string, asks: AskedFactors = false): SecurityState {
  return { asks, errors: [{ field, message }] }
}

/** The database found the second factor too old after all. */
async function askAgain(actor: Actor, field: string): Promise<SecurityState> {
  const asks = await mySecondFactors(actor)
  return failed(field, askText(asks), asks)
}
