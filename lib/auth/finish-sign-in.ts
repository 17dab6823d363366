import 'server-only'

import { cookies } from 'next/headers'
import { redirect } from 'next/navigation'
import { z } from 'zod'
import { env } from '#lib/env.ts'
import { RecordUnavailable } from '#lib/errors.ts'
import { paths, withQuery } from '#lib/paths.ts'
import { askNextAuth } from './next-auth.ts'
import { cookieOptions, sessionCookie } from './session-cookie.ts'
import type { SecondStep } from './sign-in-with-second-factor.ts'
import { wayOn } from './way-on.ts'

export type FinishedSignIn =
  | { kind: 'signed-in'; path: string }
  | { kind: 'wrong' | 'used' | 'gone' | 'start-again' }
  /** the code was right and the first passkey comes next, on paths.enrol */
  | { kind: 'add-passkey' }
  | { kind: 'wait'; seconds: number }

/**
 * Takes the second step through next-auth, as a form on /api/auth would, and puts the session cookie into the answer.
 * For server actions.
 * @returns where to go on: the page that the same person was on when their last session ended, or their role's start
 * @throws RecordUnavailable when a code could not be checked
 */
export async function finishSignIn(method: SecondStep, code: string): Promise<FinishedSignIn> {
  const csrf = await askNextAuth({ method: 'GET', segments: ['csrf'], cookies: {} })
  const { csrfToken } = z.object({ csrfToken: z.string() }).parse(await csrf.json())
  const answer = await askNextAuth({
    method: 'POST',
    segments: ['callback', 'second-factor'],
    cookies: Object.fromEntries(cookiesOf(csrf).map(({ name, value }) => [name, value])),
    body: { csrfToken, method, code },
  })
  const token = cookiesOf(answer).find(({ name }) => name === sessionCookie)?.value
  if (token === undefined) return refusal(answer)
  // Without an expiry: the cookie goes when the browser is closed.
  ;(await cookies()).set(sessionCookie, token, cookieOptions)
  const path = await wayOn(token, method)
  return path === null ? { kind: 'start-again' } : { kind: 'signed-in', path }
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
  if (
    word === 'wrong' ||
    word === 'used' ||
    word === 'gone' ||
    word === 'start-again' ||
    word === 'add-passkey'
  )
    return { kind: word }
  // Factors of ours do not open a session of this role: the way in is the button on the sign-in page.
  if (word === 'use-provider') redirect(withQuery(paths.signIn, { notice: 'use-provider' }))
  throw new RecordUnavailable('the second step of a sign-in could not be taken')
}
