import { isSameOrigin } from '#lib/auth/same-origin.ts'
import { readSmallForm } from '#lib/auth/read-small-form.ts'
import { seeOther } from '#lib/auth/see-other.ts'
import { hasSingleSignOn } from '#lib/auth/single-sign-on/has-single-sign-on.ts'
import { startSingleSignOn } from '#lib/auth/single-sign-on/start-single-sign-on.ts'
import { RecordUnavailable } from '#lib/errors.ts'
import { paths, withQuery } from '#lib/paths.ts'

/**
 * On to the identity provider, after a press of our own button only. The way there is a page that moves on by itself: a form of
 * ours may lead to no other site (Content-Security-Policy form-action), and without a script this works all the same.
 */
export async function POST(request: Request): Promise<Response> {
  if (!isSameOrigin(request)) return new Response(null, { status: 403 })
  if (!hasSingleSignOn()) return new Response(null, { status: 404 })
  const form = await readSmallForm(request)
  if (form === null) return new Response(null, { status: 413 })
  try {
    const { location, cookies } = await startSingleSignOn(form.get('again') === '1')
    const headers = new Headers({
      'Content-Type': 'text/html; charset=utf-8',
      'Referrer-Policy': 'no-referrer',
    })
    for (const cookie of cookies) headers.append('Set-Cookie', cookie)
    return new Response(pageTo(location), { headers })
  } catch (cause) {
    if (!(cause instanceof RecordUnavailable)) throw cause
    return seeOther(withQuery(paths.signIn, { notice: 'provider-away' }))
  }
}

const entities: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' }
const escaped = (text: string): string => text.replace(/[&<>"]/g, (found) => entities[found] ?? '')

function pageTo(location: string): string {
  const address = escaped(location)
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="refresh" content="0; url=${address}">
<title>Going on to your sign-in</title>
</head>
<body>
<main>
<h1>Going on to your sign-in</h1>
<p><a href="${address}">Go on</a> if nothing happens.</p>
</main>
</body>
</html>
`
}
