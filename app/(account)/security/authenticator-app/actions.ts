'use server'

import { redirect } from 'next/navigation'
import { z } from 'zod'
import type { FieldError } from '#components/ui/field-error.ts'
import { codeText } from '#lib/auth/refusal-text.ts'
import { removeTotp } from '#lib/auth/remove-totp.ts'
import { requireActor } from '#lib/auth/require-actor.ts'
import { mySecondFactors } from '#lib/auth/second-factors.ts'
import { beginTotp, finishTotp } from '#lib/auth/set-totp.ts'
import { askText } from '#lib/auth/step-up.ts'
import { refusedFully, stepUpFully } from '#lib/auth/step-up-fully.ts'
import { paths, withQuery } from '#lib/paths.ts'
import type { SecurityState } from '../actions.ts'

/** Begins setting up an authenticator app, or another one in its place, after everything was shown again. */
export async function startApp(_: SecurityState, form: FormData): Promise<SecurityState> {
  const actor = await requireActor()
  const raised = await stepUpFully(actor, form, 'app-code')
  if (raised.kind === 'refused') return refusedFully(raised)
  await beginTotp(raised.actor)
  redirect(paths.securityApp)
}

/** Takes the first code of the new app. From then on its codes count, and those of the last one do not. */
export async function turnOnApp(
  _: { errors: FieldError[] },
  form: FormData,
): Promise<{ errors: FieldError[] }> {
  const actor = await requireActor()
  const code = z.string().trim().min(1).max(64).safeParse(form.get('code'))
  if (!code.success) return { errors: [{ field: 'code', message: 'Enter the code that your app shows' }] }
  switch (await finishTotp(actor, code.data)) {
    case 'set':
      return redirect(withQuery(paths.security, { done: 'app-set' }))
    case 'wrong':
      return { errors: [{ field: 'code', message: codeText('wrong', 'enrolment') }] }
    case 'code-needed':
    case 'start-again':
      return redirect(withQuery(paths.security, { done: 'took-too-long' }))
    case 'passkey-only':
      return redirect(withQuery(paths.security, { done: 'passkey-only' }))
  }
}

/** Takes the authenticator app out of use, after everything was shown again. The last factor stays. */
export async function endApp(_: SecurityState, form: FormData): Promise<SecurityState> {
  const actor = await requireActor()
  const field = 'app-end-code'
  const raised = await stepUpFully(actor, form, field)
  if (raised.kind === 'refused') return refusedFully(raised)
  switch (await removeTotp(raised.actor)) {
    case 'removed':
      return redirect(withQuery(paths.security, { done: 'app-removed' }))
    case 'gone':
      return redirect(paths.security)
    case 'last':
      return { asks: false, errors: [{ field: '', message: 'This is all that you have beside your password. Add a passkey first.' }] } // prettier-ignore
    case 'code-needed': {
      const asks = await mySecondFactors(raised.actor)
      return { asks, errors: [{ field, message: askText(asks) }] }
    }
  }
}
