import 'server-only'

import { landingPath, paths, withQuery } from '#lib/paths.ts'
import { dropSealed, readSealed } from './sealed-state.ts'
import { peekSession } from './session.ts'

/**
 * Where somebody goes on who has just signed in: the page that the same person was on when their last session ended, or their role's
 * start. For server actions and route handlers.
 * @param token of the new session
 * @param how they signed in
 * @returns null when it is no session any more
 */
export async function wayOn(token: string, how: string): Promise<string | null> {
  const session = await peekSession(token)
  if (session.state !== 'active') return null
  // Whoever has lost a device puts another in its place first.
  if (how === 'recovery-code') return withQuery(paths.security, { done: 'recovery-code-used' })
  const goOn = await readSealed('return')
  await dropSealed('return')
  // A page that somebody else left is nobody's business; a link that was followed before signing in is.
  const mayGoOn = goOn !== null && (goOn.accountId === null || goOn.accountId === session.accountId)
  return mayGoOn ? goOn.path : landingPath(session.role)
}
