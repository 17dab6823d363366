import { productUrl } from './product.ts'
import { ask } from './ask.ts'
import { rows } from './database.ts'
import { accountOf, sessionOf, type Person } from './people.ts'
import { actionCall, serverActions } from './server-actions.ts'

/** What a browser can hold of a person: a session that lives, one that does not or is locked, or a password that was right and nothing more. */
export const sessionStates = [
  'live',
  'idle',
  'ended',
  'demoted',
  'locked',
  'before the second factor',
] as const
export type SessionState = (typeof sessionStates)[number]

/** What is done to the row of a session so that it is worth nothing; each is what the product itself leaves behind. */
const changes: Partial<Record<SessionState, string>> = {
  idle: `last_active_at = app.now() - interval '16 minutes'`,
  ended: `ended_at = app.now(), end_reason = 'sign-out'`,
  locked: `locked_at = app.now()`,
  demoted: `role = CASE role WHEN 'billing' THEN 'clinician' ELSE 'billing' END`,
}

/** The cookie of a person in a state: a session of the product's own making, or what /sign-in sets after the right password. */
export async function cookieOf(person: Person, state: SessionState): Promise<string> {
  if (state === 'before the second factor') return passwordCookieOf(person)
  const token = await sessionOf(person)
  const change = changes[state]
  if (change !== undefined)
    await rows(
      `UPDATE app.session SET ${change} WHERE token_hash = sha256(convert_to($1, 'UTF8')) RETURNING id`,
      [token],
    )
  return `vigil-session=${token}`
}

/** Takes the first step of signing in by the action of its page, as a browser would. */
async function passwordCookieOf(person: Person): Promise<string> {
  const { email, password } = accountOf(person)
  const action = serverActions().find(
    ({ file, name }) => file.endsWith('/sign-in/actions.ts') && name === 'signIn',
  )
  if (!action) throw new Error('the build has no action for signing in')
  const { headers, body } = actionCall(action.id, [], { email, password })
  const reply = await ask('/sign-in', { method: 'POST', headers: { origin: productUrl, ...headers }, body })
  const cookie = reply.headers['set-cookie']
    ?.find((line) => line.startsWith('vigil-second-factor='))
    ?.split(';')[0]
  if (cookie === undefined) throw new Error(`${person}'s password led nowhere: ${reply.status}`)
  return cookie
}
