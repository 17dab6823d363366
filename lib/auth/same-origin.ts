import 'server-only'

/**
 * Whether a request that changes something comes from a page of ours (ASVS 5.0 3.5.1). A browser says so itself in
 * Sec-Fetch-Site, on https and on localhost; else its Origin must be the host that was asked. A request that says
 * neither is refused.
 */
export function isSameOrigin(request: Request): boolean {
  const site = request.headers.get('sec-fetch-site')
  const origin = request.headers.get('origin')
  if (site !== null && site !== 'same-origin') return false
  // A form that is sent without a referrer has the Origin "null", also on its own site.
  if (origin === null || origin === 'null') return site === 'same-origin'
  return URL.canParse(origin) && new URL(origin).host === request.headers.get('host')
}
