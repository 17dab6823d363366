import 'server-only'

/**
 * A path of our own that may be gone to after signing in, or null. Another site's address, a path that a browser reads
 * as one (`//host`, `/\host`), and pages that make no sense then are refused.
 */
export function safeReturnPath(path: string | null | undefined): string | null {
  if (!path || path.length > 300 || !/^\/(?![/\\])[\w\-./~%?&=:@+]*$/.test(path)) return null
  const url = new URL(path, 'http://localhost')
  if (url.host !== 'localhost') return null
  const first = url.pathname.split('/')[1] ?? ''
  if (outside.has(first)) return null
  url.searchParams.delete('_rsc')
  return url.pathname + url.search
}

/** First segments of pages that need no session. */
const outside: ReadonlySet<string> = new Set([
  '', 'sign-in', 'second-factor', 'recover', 'enrol', 'accept-invite', 'sign-out', 'signed-out', 'session-over', 'lock', 'locked', 'api', '_next',
]) // prettier-ignore
