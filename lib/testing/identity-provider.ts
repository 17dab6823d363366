import { randomBytes } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { exportJWK, generateKeyPair } from 'jose'
import Provider from 'oidc-provider'

/** Somebody whom the provider knows. */
export type ProviderPerson = {
  sub: string
  email: string
  emailVerified: boolean
  groups: string[]
  /** how they show who they are there */
  acr?: string
  amr?: string[]
}

export type IdentityProvider = {
  issuer: string
  clientId: string
  clientSecret: string
  /** whom its sign-in page offers */
  people: ProviderPerson[]
  /** tells Vigil that somebody signed out there */
  signOut: (sub: string, sid?: string) => Promise<void>
  close: () => Promise<void>
}

/**
 * A real OpenID provider (oidc-provider) on this machine's loopback. Its sign-in page has a button for each person it knows, which
 * signs them in; nothing else of it is made up.
 * @param redirectUri where it sends people back to
 * @param logoutUri where it sends logout tokens to
 */
export async function startIdentityProvider(
  { redirectUri, logoutUri }: { redirectUri: string; logoutUri: string },
  people: ProviderPerson[],
  { port = 0, clientSecret = randomBytes(24).toString('base64url') } = {},
): Promise<IdentityProvider> {
  const { privateKey } = await generateKeyPair('RS256', { extractable: true })
  const found: { listener?: (request: IncomingMessage, response: ServerResponse) => void } = {}
  const server = createServer((request, response) => found.listener?.(request, response))
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve))
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const clientId = 'vigil'
  const own: Omit<IdentityProvider, 'close' | 'signOut'> = { issuer, clientId, clientSecret, people }
  const personOf = (sub: string) => own.people.find((person) => person.sub === sub)

  const provider = new Provider(issuer, {
    clients: [
      {
        client_id: clientId,
        client_secret: clientSecret,
        redirect_uris: [redirectUri],
        response_types: ['code'],
        grant_types: ['authorization_code'],
        backchannel_logout_uri: logoutUri,
        backchannel_logout_session_required: true,
      },
    ],
    jwks: { keys: [{ ...(await exportJWK(privateKey)), kid: 'one', alg: 'RS256', use: 'sig' }] },
    cookies: { keys: [randomBytes(24).toString('hex')] },
    scopes: ['openid', 'email', 'groups'],
    claims: { openid: ['sub', 'acr', 'amr'], email: ['email', 'email_verified'], groups: ['groups'] },
    acrValues: ['urn:mfa', 'urn:one'],
    conformIdTokenClaims: false,
    // Its own refuses this machine's addresses.
    fetch: (
      url: string,
      { method, headers, body }: { method: string; headers: HeadersInit; body: BodyInit },
    ) => fetch(url, { method, headers, body }),
    pkce: { required: () => true },
    features: {
      devInteractions: { enabled: false },
      backchannelLogout: { enabled: true },
      rpInitiatedLogout: { enabled: true },
    },
    interactions: { url: (_: unknown, { uid }: { uid: string }) => `/interaction/${uid}` },
    findAccount: (_: unknown, sub: string) => {
      const person = personOf(sub)
      if (person === undefined) return undefined
      const { email, emailVerified, groups } = person
      return { accountId: sub, claims: () => ({ sub, email, email_verified: emailVerified, groups }) }
    },
  })
  const callback = provider.callback()

  /** The sign-in page, and what its buttons do. */
  async function interact(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { uid, params } = await provider.interactionDetails(request, response)
    if (request.method !== 'POST') {
      const buttons = own.people.map(
        ({ sub, email }) => `<p><button name="sub" value="${sub}">${email}</button></p>`,
      )
      response.writeHead(200, { 'content-type': 'text/html' })
      response.end(
        `<!doctype html><title>Hospital</title><form method="post" action="/interaction/${uid}">${buttons.join('')}</form>`,
      )
      return
    }
    const chunks: Buffer[] = []
    for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk)
    const sub = new URLSearchParams(Buffer.concat(chunks).toString('utf8')).get('sub') ?? ''
    const person = personOf(sub)
    const grant = new provider.Grant({ accountId: sub, clientId: params.client_id })
    grant.addOIDCScope(params.scope)
    await provider.interactionFinished(request, response, {
      login: { accountId: sub, acr: person?.acr, amr: person?.amr },
      consent: { grantId: await grant.save() },
    })
  }

  found.listener = (request, response) => {
    const work = request.url?.startsWith('/interaction/') ? interact : callback
    work(request, response).catch(() => response.destroy())
  }
  return Object.assign(own, {
    signOut: async (sub: string, sid?: string) => {
      const client = await provider.Client.find(clientId)
      await client.backchannelLogout(sub, sid)
    },
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => {
          resolve()
        })
        server.closeAllConnections()
      }),
  })
}
