import 'server-only'

import { cookies } from 'next/headers'
import { brandActor, type Actor } from '#lib/policy/actor.ts'
import { checkOneTimeCode } from './check-second-factor.ts'
import { thisClient } from './client.ts'
import { checkPasskey } from './passkey/check-passkey.ts'
import { codeText, waitText } from './refusal-text.ts'
import { hasFreshSecondFactor, mySecondFactors, type SecondFactors } from './second-factors.ts'
import { raiseSession } from './session.ts'
import { cookieOptions, sessionCookie } from './session-cookie.ts'

export type StepUp =
  /** go on with this actor: the session's token may be a new one, and the old one proves nothing any more */
  | { kind: 'fresh'; actor: Actor }
  /** draw the form again with app/confirm/second-factor-field.tsx, the message as its error */
  | { kind: 'refused'; message: string; asks: SecondFactors }

/**
 * The one way to ask for a fresh second factor, for server actions: makes sure that the person at the keyboard has shown theirs in
 * the last five minutes, before something is done that gives rights, shows a secret or changes how somebody signs in (ASVS 5.0
 * 7.5.1, 7.5.3). The database asks the same question again at each of these doors (lib/audit/fresh-factor.golden.txt).
 *
 * A code or a passkey's answer that was given is checked and used up; the session then gets another token, whose cookie goes out
 * with the same answer.
 * @param field the name that the form's SecondFactorField has
 */
export async function stepUp(actor: Actor, form: FormData, field: string): Promise<StepUp> {
  return (await hasFreshSecondFactor(actor)) ? { kind: 'fresh', actor } : proveNow(actor, form, field)
}

/**
 * The same although the last second factor may still be fresh: for what is opened by a proof of its own, such as a record in an
 * emergency, where the database counts the proof's age and lets each open one thing.
 */
export async function proveNow(actor: Actor, form: FormData, field: string): Promise<StepUp> {
  const text = (name: string, limit: number): string => {
    const value = form.get(name)
    return typeof value === 'string' && value.length <= limit ? value.trim() : ''
  }
  const asks = await mySecondFactors(actor)
  const refused = (message: string): StepUp => ({ kind: 'refused', message, asks })
  const [code, answer] = [text(field, 64), text(`${field}-passkey`, 8192)]
  if (code === '' && answer === '') return refused(askText(asks))
  const method = code === '' ? 'passkey' : 'totp'
  const client = await thisClient()
  const outcome =
    method === 'totp'
      ? await checkOneTimeCode(actor.accountId, code, client)
      : await checkPasskey('step-up', answer, client, actor.accountId)
  switch (outcome.kind) {
    case 'accepted':
      break
    case 'wait':
      return refused(waitText(outcome.seconds))
    case 'start-again':
      return refused('That took longer than we may wait. Press the button again.')
    case 'wrong':
    case 'used':
    case 'gone':
      return refused(
        method === 'totp'
          ? codeText(outcome.kind === 'used' ? 'used' : 'wrong', 'totp')
          : 'This passkey is not one of yours. Use another way to confirm that it is you.',
      )
  }
  const token = await raiseSession(actor.sessionToken, method)
  if (token === null) return refused('Your session has changed meanwhile. Load the page again.')
  ;(await cookies()).set(sessionCookie, token, cookieOptions)
  return { kind: 'fresh', actor: brandActor({ ...actor, sessionToken: token }) }
}

/** What is said when a fresh second factor is missing. */
export function askText({ code, passkey }: SecondFactors): string {
  if (code)
    return passkey
      ? 'Enter a one-time code from your app, or use a passkey'
      : 'Enter a one-time code from your app'
  return passkey
    ? 'Confirm with your passkey first'
    : 'You have nothing to confirm with. Add a passkey or an authenticator app on “Sign-in and security”.'
}
