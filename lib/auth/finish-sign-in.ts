import 'server-only'

import { cookies } from 'next/headers'
import { NextRequest } from 'next/server'
import { z } from 'zod'
import { env } from '#lib/env.ts'
import { RecordUnavailable } from '#lib/errors.ts'
import { landingPath } from '#lib/paths.ts'
import { handleWithNextAuth } from './next-auth.ts'
import type { SignInMethod } from './open-session.ts'
import { dropSealed, readSealed } from './sealed-state.ts'
import { peekSession } from './session.ts'
import { cookieOptions, sessionCookie } from './session-cookie.ts'

export type FinishedSignIn =
  | { kind: 'signed-in'; path: string }
  | { kind: 'wrong' | 'used' | 'gone' | 'start-again' }
  | { kind: 'wait'; seconds: number }

/**
 * Takes the second step through next-auth, as a form on /api/auth would, and puts the session cookie into the answer.
 * For server actions.
 * @returns where to go on: the page that the same person was on when their last session ended, or their role's start
 * @throws RecordUnavailable when a code could not be checked
 */
export async function finishSignIn(method: SignInMethod, code: string): Promise<FinishedSignIn> {
  const jar = await cookies()
  const csrf = await callNextAuth(['csrf'])
  const { csrfToken } = z.object({ csrfToken: z.string() }).parse(await csrf.json())
  for (const { name, value } of cookiesOf(csrf)) jar.set(name, value, cookieOptions)
  const answer = await callNextAuth(['callback', 'second-factor'], { csrfToken, method, code })
  const token = cookiesOf(answer).find(({ name }) => name === sessionCookie)?.value
  if (token === undefined) return refusal(answer)
  // Without an expiry: the cookie goes when the browser is closed.
  jar.set(sessionCookie, token, cookieOptions)
  const session = await peekSession(token)
  if (session.state !== 'active') return { kind: 'start-again' }
  const goOn = await readSealed('return')
  await dropSealed('return')
  // A page that somebody else left is nobody's business; a link that was followed before signing in is.
  const mayGoOn = goOn !== null && (goOn.accountId === null || goOn.accountId === session.accountId)
  return { kind: 'signed-in', path: mayGoOn ? goOn.path : landingPath(session.role) }
}

async function callNextAuth(segments: string[], form?: Record<string, string>): Promise<Response> {
  const address = `${env.url}/api/auth/${segments.join('/')}`
  return handleWithNextAuth(
    form === undefined
      ? new NextRequest(address)
      : new NextRequest(address, { method: 'POST', body: new URLSearchParams(form) }),
    segments,
  )
}

function cookiesOf(response: Response): { name: string; value: string }[] {
  return response.headers.getSetCookie().map((line) => {
    const pair = line.split(';')[0] ?? ''
    const at = pair.indexOf('=')
    return { name: pair.slice(0, at), value: decodeURIComponent(pair.slice(at + 1)) }
  })
}

/** The word that `authorize` left in the address of the error page. */
function refusal(answer: Response): Exclude<FinishedSignIn, { kind: 'signed-in' }> {
  const location = answer.headers.get('location') ?? ''
  const [word, detail] = (new URL(location, env.url).searchParams.get('error') ?? '').split(' ')
  if (word === 'wait') return { kind: 'wait', seconds: Number(detail) }
  if (word === 'wrong' || word === 'used' || word === 'gone' || word === 'start-again') return { kind: word }
  throw new RecordUnavailable('the second step of a sign-in could not be taken')
}
