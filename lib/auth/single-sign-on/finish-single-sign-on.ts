import 'server-only'

import { cookies } from 'next/headers'
import { thisClient } from '#lib/auth/client.ts'
import { noteDevice } from '#lib/auth/known-device.ts'
import { limitBrowser } from '#lib/auth/limit/limit-browser.ts'
import { dropSealed, writeSealed } from '#lib/auth/sealed-state.ts'
import { endSession } from '#lib/auth/session.ts'
import { cookieOptions, sessionCookie } from '#lib/auth/session-cookie.ts'
import { isSessionToken } from '#lib/auth/session-token.ts'
import { wayOn } from '#lib/auth/way-on.ts'
import { RecordUnavailable } from '#lib/errors.ts'
import { paths, withQuery } from '#lib/paths.ts'
import { checkCookies } from './provider-options.ts'
import { readProviderAnswer } from './read-provider-answer.ts'
import { noteRefusedAnswer, signInWithProvider } from './sign-in-with-provider.ts'

/**
 * Takes the browser back from the provider: signs in, or leads to our own second factor, or to the sign-in page with the reason. What
 * bound the answer to this browser is taken away whatever comes of it. For route handlers.
 * @returns the path to go on to
 */
export async function finishSingleSignOn(query: Record<string, string>): Promise<string> {
  const client = await thisClient()
  const jar = await cookies()
  const sent = Object.fromEntries(jar.getAll().map(({ name, value }) => [name, value]))
  for (const name of Object.values(checkCookies))
    if (jar.has(name)) jar.set(name, '', { ...cookieOptions, maxAge: 0 })
  const back = (notice: string) => withQuery(paths.signIn, { notice })
  const turn = await limitBrowser('sso', client)
  if (turn.kind === 'wait') return back('too-many')
  const answer = await readProviderAnswer(query, sent).catch(asOutage)
  if (answer === 'unavailable') return back('provider-away')
  if (answer.kind === 'refused') {
    await noteRefusedAnswer(answer.fault, client)
    return back(answer.fault === 'unavailable' ? 'provider-away' : `provider-${answer.fault}`)
  }
  const outcome = await signInWithProvider(answer.claims, client)
  if (outcome.kind === 'refused') return back(`provider-${outcome.why}`)
  await turn.giveBack()
  await dropSealed('enrolment', 'second-factor', 'federation')
  if (outcome.kind === 'second-factor') {
    const { accountId, ticket } = outcome
    await writeSealed('second-factor', { accountId, byProvider: true })
    await writeSealed('federation', { accountId, ticket })
    return paths.secondFactor
  }
  const former = jar.get(sessionCookie)?.value
  if (isSessionToken(former)) await endSession(former, 'sign-out')
  jar.set(sessionCookie, outcome.token, cookieOptions)
  await noteDevice(outcome.token)
  return (await wayOn(outcome.token, 'oidc')) ?? back('too-long')
}

/** The provider's silence is said in words of its own; the database's is not. */
function asOutage(cause: unknown): 'unavailable' {
  if (cause instanceof RecordUnavailable) return 'unavailable'
  throw cause
}
