import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { exportJWK, exportSPKI, generateKeyPair, SignJWT, type JWTPayload } from 'jose'

/** How a token is made otherwise than it should be. */
export type Forgery = {
  claims?: Record<string, unknown>
  header?: { alg?: string; kid?: string; typ?: string }
  /** whose key signs it; `none` leaves the signature out */
  by?: 'provider' | 'stranger' | 'client-secret' | 'public-key' | 'none'
}

export type ForgingProvider = {
  issuer: string
  clientId: string
  clientSecret: string
  /** what the next answer of the token endpoint holds */
  idToken: Forgery
  /** the nonce that the browser was sent off with, to be put into the next ID token */
  nonce: string
  /** laid over the metadata; a status other than 200 is answered with a Location */
  metadata: Record<string, unknown>
  redirects: boolean
  sign: (claims: JWTPayload, forgery: Forgery) => Promise<string>
  close: () => Promise<void>
}

const text = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url')

/** An identity provider that signs whatever a test wants, right or wrong: what a real one would never do. On loopback. */
export async function startForgingProvider(): Promise<ForgingProvider> {
  const own = await generateKeyPair('RS256', { extractable: true })
  const stranger = await generateKeyPair('RS256', { extractable: true })
  const published = { ...(await exportJWK(own.publicKey)), kid: 'one', alg: 'RS256', use: 'sig' }
  const publicText = await exportSPKI(own.publicKey)
  const secrets = {
    'client-secret': () => new TextEncoder().encode(provider.clientSecret),
    'public-key': () => new TextEncoder().encode(publicText),
  }

  const server = createServer((request, response) => {
    request.resume()
    request.on('end', () => {
      void answer(request.url ?? '').then(([status, body]) => {
        response.writeHead(status, {
          'content-type': 'application/json',
          location: `${provider.issuer}/jwks`,
        })
        response.end(JSON.stringify(body))
      })
    })
  })

  async function answer(path: string): Promise<[status: number, body: unknown]> {
    const { issuer } = provider
    if (path.endsWith('/openid-configuration')) {
      const whole = { issuer, authorization_endpoint: `${issuer}/auth`, token_endpoint: `${issuer}/token`, jwks_uri: `${issuer}/jwks` } // prettier-ignore
      return [provider.redirects ? 302 : 200, { ...whole, ...provider.metadata }]
    }
    if (path === '/jwks') return [200, { keys: [published] }]
    const now = Math.floor(Date.now() / 1000)
    const claims = { iss: issuer, aud: provider.clientId, sub: 'somebody', iat: now, exp: now + 300, auth_time: now, nonce: provider.nonce } // prettier-ignore
    const idToken = await provider.sign(claims, provider.idToken)
    return [200, { access_token: 'at', token_type: 'Bearer', expires_in: 60, id_token: idToken }]
  }

  async function sign(
    given: JWTPayload,
    { claims = {}, header = {}, by = 'provider' }: Forgery,
  ): Promise<string> {
    const all = Object.entries({ ...given, ...claims }).filter(([, value]) => value !== undefined)
    const payload = Object.fromEntries(all) as JWTPayload
    if (by === 'none') return `${text({ alg: 'none', ...header })}.${text(payload)}.`
    if (by === 'client-secret' || by === 'public-key')
      return new SignJWT(payload)
        .setProtectedHeader({ alg: 'HS256', kid: 'one', ...header })
        .sign(secrets[by]())
    const { privateKey } = by === 'provider' ? own : stranger
    return new SignJWT(payload).setProtectedHeader({ alg: 'RS256', kid: 'one', ...header }).sign(privateKey)
  }

  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const provider: ForgingProvider = {
    issuer: `http://127.0.0.1:${port}`,
    clientId: 'vigil',
    clientSecret: 'a secret of the client that is long enough for HS256',
    idToken: {},
    nonce: '',
    metadata: {},
    redirects: false,
    sign,
    close: () => new Promise((resolve) => server.close(() => resolve())),
  }
  return provider
}
