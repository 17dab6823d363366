import 'server-only'

/**
 * Whether a request that changes something comes from a page of ours: its Origin must be the host that was asked, or
 * the browser must say so itself. A request that says neither is refused (ASVS 5.0 3.5.1).
 */
export function isSameOrigin(request: Request): boolean {
  const site = request.headers.get('sec-fetch-site')
  if (site !== null && site !== 'same-origin') return false
  const origin = request.headers.get('origin')
  if (origin === null) return site === 'same-origin'
  return URL.canParse(origin) && new URL(origin).host === request.headers.get('host')
}
