import { ask, type Reply } from './ask.ts'
import { productUrl } from './product.ts'

/** A browser without a script, a screen or scruples: it keeps cookies, fills forms in, and sends whatever it is told to. */
export class PlainBrowser {
  readonly jar = new Map<string, string>()

  async get(path: string, headers: Record<string, string> = {}): Promise<Reply> {
    return this.#kept(await ask(path, { headers: { ...this.#cookies(), ...headers } }))
  }

  /** Sends a form as its page has it, the fields that only Next reads included. */
  async submit(
    path: string,
    fields: Record<string, string>,
    headers: Record<string, string> = {},
  ): Promise<Reply> {
    const page = await this.get(path)
    const [first = ''] = Object.keys(fields)
    const form = (page.body.match(/<form\b.*?<\/form>/gs) ?? []).find((one) =>
      one.includes(`name="${first}"`),
    )
    if (form === undefined) throw new Error(`${path} (${page.status}) has no form with ${first}`)
    const body = new FormData()
    for (const [tag] of form.matchAll(/<input type="hidden"[^>]*>/g))
      body.set(attribute(tag, 'name'), attribute(tag, 'value'))
    for (const [name, value] of Object.entries(fields)) body.set(name, value)
    return this.post(path, new Response(body), { origin: productUrl, ...headers })
  }

  /** The second step of signing in as a program takes it; next-auth wants its own token against forged forms. */
  async secondStep(
    fields: Record<string, string>,
    headers: Record<string, string> = { origin: productUrl },
  ): Promise<Reply> {
    const { csrfToken } = JSON.parse((await this.get('/api/auth/csrf')).body) as { csrfToken: string }
    return this.post('/api/auth/callback/second-factor', { csrfToken, ...fields }, headers)
  }

  /** Sends a form of names and values, as any program can. */
  async post(
    path: string,
    body: Response | Record<string, string>,
    headers: Record<string, string> = {},
  ): Promise<Reply> {
    const encoded = body instanceof Response ? body : new Response(new URLSearchParams(body))
    return this.#kept(
      await ask(path, {
        method: 'POST',
        headers: {
          'content-type': encoded.headers.get('content-type') ?? '',
          ...this.#cookies(),
          ...headers,
        },
        body: Buffer.from(await encoded.arrayBuffer()),
      }),
    )
  }

  #cookies(): Record<string, string> {
    return this.jar.size === 0
      ? {}
      : { cookie: [...this.jar].map(([name, value]) => `${name}=${value}`).join('; ') }
  }

  #kept(reply: Reply): Reply {
    for (const line of reply.headers['set-cookie'] ?? []) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? []
      if (value === '' || /max-age=0\b/i.test(line)) this.jar.delete(name)
      else this.jar.set(name, value)
    }
    return reply
  }
}

function attribute(tag: string, name: string): string {
  const value = new RegExp(`\\b${name}="([^"]*)"`).exec(tag)?.[1] ?? ''
  return value.replaceAll('&quot;', '"').replaceAll('&#x27;', "'").replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&') // prettier-ignore
}
