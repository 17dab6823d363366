/**
 * What a browser may do with our pages. One function, so that a test can read every header without a server.
 * @see https://www.w3.org/TR/CSP3/ · OWASP ASVS 5.0 chapter 3.4
 */
export type HeaderSettings = {
  /** random per answer, base64 */
  nonce: string
  /** people reach Vigil over https */
  https: boolean
  /** React's own error reports in `next dev` need eval; a production build does without */
  development: boolean
}

/** Scripts and styles run only with this answer's nonce; everything comes from our own origin, and nothing may frame it. */
export function contentSecurityPolicy({ nonce, https, development }: HeaderSettings): string {
  const directives = [
    "default-src 'none'",
    `script-src 'self' 'nonce-${nonce}' 'strict-dynamic'${development ? " 'unsafe-eval'" : ''}`,
    `style-src 'self' ${development ? "'unsafe-inline'" : `'nonce-${nonce}'`}`,
    "img-src 'self'",
    "font-src 'self'",
    "connect-src 'self'",
    "manifest-src 'self'",
    "form-action 'self'",
    "frame-ancestors 'none'",
    "base-uri 'none'",
    "object-src 'none'",
    ...(https ? ['upgrade-insecure-requests'] : []),
  ]
  return directives.join('; ')
}

/** Devices and powers that no page of a patient portal needs. */
const withheldPowers = [
  'accelerometer', 'autoplay', 'bluetooth', 'browsing-topics', 'camera', 'display-capture', 'encrypted-media', 'fullscreen',
  'geolocation', 'gyroscope', 'hid', 'idle-detection', 'local-fonts', 'magnetometer', 'microphone', 'midi', 'payment',
  'picture-in-picture', 'screen-wake-lock', 'serial', 'usb', 'xr-spatial-tracking',
] // prettier-ignore

/** Headers of every answer, static files included. */
export function securityHeaders(settings: HeaderSettings): Record<string, string> {
  return {
    'Content-Security-Policy': contentSecurityPolicy(settings),
    // A year and more (ASVS 3.4.1); only https may say it.
    ...(settings.https ? { 'Strict-Transport-Security': 'max-age=63072000; includeSubDomains' } : {}),
    'X-Content-Type-Options': 'nosniff',
    'X-Frame-Options': 'DENY',
    // The address of a page holds the id of a record: no other site hears it. Our own does, because a form that is sent
    // without any referrer has the Origin "null" (Fetch standard §3.2), and could not be told from a forged one.
    'Referrer-Policy': 'same-origin',
    'Permissions-Policy': withheldPowers.map((power) => `${power}=()`).join(', '),
    'Cross-Origin-Opener-Policy': 'same-origin',
    'Cross-Origin-Resource-Policy': 'same-origin',
    'Origin-Agent-Cluster': '?1',
    'X-DNS-Prefetch-Control': 'off',
    'X-Permitted-Cross-Domain-Policies': 'none',
    'X-Robots-Tag': 'noindex, nofollow',
  }
}

/** Names that next uses between its own parts, and that we use between proxy and pages: nobody outside may set them. */
export function isInternalHeader(name: string): boolean {
  return /^x-(middleware|invoke|vigil-path|nonce|matched-path|now-route-matches)/.test(name)
}
