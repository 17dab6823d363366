import 'server-only'

import { z } from 'zod'
import type { Actor } from '#lib/policy/actor.ts'
import { authQueryOne } from './auth-query.ts'
import { confirmPassword, hasOwnPassword } from './confirm-password.ts'
import { waitText } from './refusal-text.ts'
import type { AskedFactors } from './second-factors.ts'
import { stepUp } from './step-up.ts'

/** What the form has to ask for when it is drawn again. */
export type AskedAgain = { asks: AskedFactors; asksPassword: boolean }

export type FullStepUp =
  | { kind: 'fresh'; actor: Actor }
  /** draw the form again; the message belongs to the field */
  | ({ kind: 'refused'; field: string; message: string } & AskedAgain)

/**
 * Like `stepUp`, for changes of how somebody signs in: a code that was read over a shoulder is not enough in a session that
 * somebody else left open. The password is asked for as well, unless a passkey was used in this session or the sign-in is younger than five minutes
 * (ASVS 5.0 7.5.1). The database asks the same question again in each of these functions (`app.is_fully_proved`).
 * @param field the name of the form's SecondFactorField; the password stands in `${field}-password`
 */
export async function stepUpFully(actor: Actor, form: FormData, field: string): Promise<FullStepUp> {
  const passwordField = `${field}-password`
  const password = z.string().min(1).max(1024).safeParse(form.get(passwordField))
  if (password.success) {
    const shown = await confirmPassword(actor, password.data)
    if (shown.kind !== 'right') {
      const message = shown.kind === 'wait' ? waitText(shown.seconds) : 'This is not your password'
      const raised = await stepUp(actor, new FormData(), field)
      const asks = raised.kind === 'refused' ? raised.asks : false
      return { kind: 'refused', field: passwordField, message, asks, asksPassword: true }
    }
  }
  const raised = await stepUp(actor, form, field)
  if (raised.kind === 'refused')
    return { ...raised, field, asksPassword: raised.asks.code && !password.success }
  if (await isShown(raised.actor)) return raised
  if (!(await hasOwnPassword(raised.actor)))
    return {
      kind: 'refused',
      field,
      message:
        'A code alone does not change how you sign in. Use “Confirm through your organization” on this page first.',
      asks: false,
      asksPassword: false,
    }
  return {
    kind: 'refused',
    field: passwordField,
    message: 'Type your password too, because this changes how you sign in',
    asks: false,
    asksPassword: true,
  }
}

const done = z.object({ done: z.boolean() })

/** What a form's state is after a refusal. */
export function refusedFully({
  field,
  message,
  asks,
  asksPassword,
}: Extract<FullStepUp, { kind: 'refused' }>) {
  return { asks, asksPassword, errors: [{ field, message }] }
}

/** Whether everything was shown in the last five minutes; also says no while the second factor is missing. */
async function isShown(actor: Actor): Promise<boolean> {
  return (await authQueryOne(done, 'SELECT app.fully_proved($1) AS done', [actor.sessionToken])).done
}
