import { seeOther } from '#lib/auth/see-other.ts'
import { lockedAddress } from '#lib/auth/lock-session.ts'
import { unsealPath } from '#lib/auth/seal-path.ts'
import { clearDeadSession } from '#lib/auth/sign-out.ts'
import { paths, withQuery } from '#lib/paths.ts'

/**
 * Where a page sends people whose session is over. Takes away the dead cookie in a server's answer, remembers the page
 * in a sealed cookie, and goes on: to the reason, or straight to the sign-in. Changes nothing for a session that lives.
 */
export async function GET(request: Request): Promise<Response> {
  const path = await unsealPath(new URL(request.url).searchParams.get('to'))
  const reason = await clearDeadSession(path)
  if (reason === 'locked') return seeOther(await lockedAddress(path))
  if (reason === 'active') return seeOther(path ?? '/')
  if (reason === null) return seeOther(paths.signIn)
  return seeOther(withQuery(paths.signedOut, { reason }), { clearSiteData: true })
}
