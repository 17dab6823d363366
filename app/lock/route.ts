import { lockSession } from '#lib/auth/lock-session.ts'
import { readSmallForm } from '#lib/auth/read-small-form.ts'
import { isSameOrigin } from '#lib/auth/same-origin.ts'
import { seeOther } from '#lib/auth/see-other.ts'

/** Locks the session in the database, and takes the page off the screen and out of what the browser keeps. */
export async function POST(request: Request): Promise<Response> {
  if (!isSameOrigin(request)) return new Response(null, { status: 403 })
  const form = await readSmallForm(request)
  if (form === null) return new Response(null, { status: 413 })
  return seeOther(await lockSession(form.get('path')), { clearSiteData: true })
}
