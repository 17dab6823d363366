import { readSmallForm } from '#lib/auth/read-small-form.ts'
import { isSameOrigin } from '#lib/auth/same-origin.ts'
import { seeOther } from '#lib/auth/see-other.ts'
import { signOut } from '#lib/auth/sign-out.ts'
import { paths, withQuery } from '#lib/paths.ts'

/**
 * Ends the session: in the database, in the cookie, and in what the browser keeps. Also how fifteen minutes without
 * use end: a page is never just covered.
 */
export async function POST(request: Request): Promise<Response> {
  if (!isSameOrigin(request)) return new Response(null, { status: 403 })
  const form = await readSmallForm(request)
  if (form === null) return new Response(null, { status: 413 })
  const given = form.get('reason')
  const reason = given === 'idle' || given === 'expired' ? given : 'sign-out'
  await signOut(reason, form.get('path'))
  return seeOther(withQuery(paths.signedOut, { reason }), { clearSiteData: true })
}
