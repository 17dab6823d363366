'use server'

import { redirect } from 'next/navigation'
import { z } from 'zod'
import type { FieldError } from '#components/ui/field-error.ts'
import { changePassword } from '#lib/auth/change-password.ts'
import { passwordFaultText } from '#lib/auth/password-rules.ts'
import { waitText } from '#lib/auth/refusal-text.ts'
import { replaceRecoveryCodes } from '#lib/auth/replace-recovery-codes.ts'
import { requireActor } from '#lib/auth/require-actor.ts'
import { endOtherSession } from '#lib/auth/session.ts'
import { stepUp, type StepUpOutcome } from '#lib/auth/step-up.ts'
import { stepUpText } from '#lib/auth/step-up-with-passkey.ts'
import { paths, withQuery } from '#lib/paths.ts'

export type SecurityState = { errors: FieldError[]; asksForCode: boolean }

const text = z.string().max(1024).catch('')

/** Ends one of the person's own sessions; somebody else's is not found. */
export async function endOneSession(form: FormData): Promise<void> {
  const actor = await requireActor()
  const session = z.uuid().safeParse(form.get('session'))
  const ended = session.success && (await endOtherSession(actor.sessionToken, session.data))
  redirect(withQuery(paths.security, { done: ended ? 'session-ended' : null }))
}

/** Makes ten new recovery codes, after a fresh one-time code. */
export async function makeRecoveryCodes(_: SecurityState, form: FormData): Promise<SecurityState> {
  const actor = await requireActor()
  const raised = await stepUp(actor, text.parse(form.get('codes-code')).slice(0, 64))
  if (raised.kind !== 'fresh') return refused(raised, 'codes-code')
  if (!(await replaceRecoveryCodes(actor))) return refused({ kind: 'code-needed' }, 'codes-code')
  redirect(paths.recoveryCodes)
}

/** Sets a new password, after the present one and a fresh one-time code. */
export async function setPassword(_: SecurityState, form: FormData): Promise<SecurityState> {
  const actor = await requireActor()
  const raised = await stepUp(actor, text.parse(form.get('password-code')).slice(0, 64))
  if (raised.kind !== 'fresh') return refused(raised, 'password-code')
  const outcome = await changePassword(actor, text.parse(form.get('current')), text.parse(form.get('next')))
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
      return refused(outcome, 'password-code')
  }
}

function failed(field: string, message: string): SecurityState {
  return { asksForCode: false, errors: [{ field, message }] }
}

function refused(outcome: Exclude<StepUpOutcome, { kind: 'fresh' }>, field: string): SecurityState {
  return { asksForCode: true, errors: [{ field, message: stepUpText(outcome) }] }
}
