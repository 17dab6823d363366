/**
 * What a Postgres address says about how it is reached. libpq and node-postgres read `?host=` before the host part,
 * and a host that starts with a slash is the directory of a unix socket.
 */
export type ConnectionPath = 'socket' | 'verified-tls' | 'unverified' | 'invalid'

const isLoopback = (host: string): boolean =>
  host === 'localhost' || host === '[::1]' || host === '::1' || /^127(\.[0-9]{1,3}){3}$/.test(host)

const parse = (url: string): URL | undefined => {
  // An empty host ("postgresql://user@/db?host=/run/postgresql") is fine for libpq and not for WHATWG URLs.
  const whole = url.replace('@/', '@localhost/').replace(/^(postgres(?:ql)?:\/\/)\//, '$1localhost/')
  return /^postgres(ql)?:\/\//.test(whole) && URL.canParse(whole) ? new URL(whole) : undefined
}

const hostOf = (url: URL): string => url.searchParams.get('host') ?? decodeURIComponent(url.hostname)

/** How the connection would be made; only `verify-full` counts as verified (ASVS 12.3.2). */
export const connectionPath = (url: string): ConnectionPath => {
  const parsed = parse(url)
  if (parsed === undefined) return 'invalid'
  if (hostOf(parsed).startsWith('/')) return 'socket'
  const weakened = parsed.searchParams.has('uselibpqcompat') || parsed.searchParams.has('ssl')
  return parsed.searchParams.get('sslmode') === 'verify-full' && !weakened ? 'verified-tls' : 'unverified'
}

/**
 * Why an address must not be used, as the rest of a sentence that starts with its variable's name; undefined if it may.
 * Plain TCP is let through on this machine's loopback outside production, and nowhere else.
 */
export const connectionFault = (url: string, options: { production: boolean }): string | undefined => {
  const way = connectionPath(url)
  if (way === 'socket' || way === 'verified-tls') return undefined
  const parsed = parse(url)
  if (parsed === undefined)
    return 'is not a Postgres address: write it as postgresql://login:password@host:5432/database?sslmode=verify-full.'
  if (!options.production && isLoopback(hostOf(parsed))) return undefined
  return 'would reach its database without verified TLS: add ?sslmode=verify-full&sslrootcert=/path/to/ca.pem to it, or use a local socket.'
}

/**
 * File that holds the password of an address: `…&password_file=/run/secrets/vigil-app`. It is read anew for every
 * connection, so that the password can be changed while Vigil runs. The parameter is Vigil's own; libpq knows none.
 */
export const passwordFileOf = (url: string): string | undefined =>
  parse(url)?.searchParams.get('password_file') ?? undefined

/** The address without that parameter, as node-postgres takes it. */
export const withoutPasswordFile = (url: string): string =>
  url.replace(/([?&])password_file=[^&]*(&?)/, (_, before: string, after: string) =>
    after === '' ? '' : before,
  )

/** Whether an address holds a password itself, where nobody can change it while Vigil runs. */
export const hasOwnPassword = (url: string): boolean => {
  const parsed = parse(url)
  return parsed !== undefined && (parsed.password !== '' || parsed.searchParams.has('password'))
}
