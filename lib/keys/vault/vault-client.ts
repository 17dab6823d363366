import 'server-only'
import { readFile } from 'node:fs/promises'
import { Agent as PlainAgent, request as plainRequest, type IncomingMessage } from 'node:http'
import { Agent as TlsAgent, request as tlsRequest } from 'node:https'
import { z } from 'zod'

import { readPrivateFile } from '#lib/keys/file/read-private-file.ts'
import { ProviderDenial, ProviderOutage } from '#lib/keys/key-provider.ts'
import type { VaultSettings } from './vault-settings.ts'

/** What Vault said: `data` of a success (or of a batch of which some items failed), `errors` of a refusal. */
export type VaultAnswer = {
  readonly status: number
  readonly data: unknown
  readonly errors: readonly string[]
}

export type VaultClient = {
  /**
   * Sends one request. Answers 2xx, 400, 404 and 500 are given to the caller, who knows what was asked.
   * @throws ProviderDenial when the token is refused; ProviderOutage for everything that may pass: no connection, no answer in
   *   time, 412, 429, 502 to 504, a redirect, an answer that is not Vault's
   */
  send(method: 'GET' | 'POST', path: string, body: unknown, signal: AbortSignal): Promise<VaultAnswer>
  close(): void
}

/** Longer than the two seconds of a slow answer, shorter than the three that the key store waits altogether. */
const callSeconds = 2.5
/** A batch of 10,000 wrapped keys takes about two megabytes. */
const longestAnswer = 16 * 1024 * 1024

const answer = z.object({ data: z.unknown().optional(), errors: z.array(z.string()).default([]) })

/**
 * A client of the HTTP API of Vault and OpenBao (https://openbao.org/api-docs/): token from a file that is read again when it is
 * refused (an agent may have replaced it), namespace, and a certificate authority of its own. Redirects are not followed: the
 * token would go wherever they point.
 * @throws ProviderDenial, ProviderOutage when the token or the certificate authority cannot be read
 */
export async function openVaultClient(settings: VaultSettings): Promise<VaultClient> {
  const address = new URL(settings.address)
  const ca = settings.caFile === undefined ? undefined : await readAuthority(settings.caFile)
  const agent =
    address.protocol === 'https:'
      ? new TlsAgent({ keepAlive: true, maxSockets: 8, ca })
      : new PlainAgent({ keepAlive: true, maxSockets: 8 })
  let token = await readToken(settings.tokenFile)

  function ask(method: string, path: string, body: unknown, signal: AbortSignal): Promise<IncomingMessage> {
    const text = body === undefined ? undefined : JSON.stringify(body)
    const options = {
      method,
      agent,
      signal,
      headers: {
        'X-Vault-Token': token,
        'X-Vault-Request': 'true',
        ...(settings.namespace === undefined ? {} : { 'X-Vault-Namespace': settings.namespace }),
        ...(text === undefined
          ? {}
          : { 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(text) }),
      },
    }
    return new Promise((resolve, reject) => {
      const url = new URL(`/v1/${path}`, address)
      const sent =
        address.protocol === 'https:'
          ? tlsRequest(url, options, resolve)
          : plainRequest(url, options, resolve)
      sent.on('error', reject)
      sent.end(text)
    })
  }

  async function once(
    method: string,
    path: string,
    body: unknown,
    signal: AbortSignal,
  ): Promise<VaultAnswer> {
    signal.throwIfAborted()
    const within = AbortSignal.any([signal, AbortSignal.timeout(callSeconds * 1000)])
    try {
      const response = await ask(method, path, body, within)
      return readAnswer(response.statusCode ?? 0, await readText(response))
    } catch (error) {
      signal.throwIfAborted()
      if (error instanceof ProviderDenial || error instanceof ProviderOutage) throw error
      throw new ProviderOutage(`Vault does not answer (${codeOf(error)}).`)
    }
  }

  return {
    async send(method, path, body, signal) {
      const given = await once(method, path, body, signal)
      if (given.status !== 403) return given
      const present = await readToken(settings.tokenFile)
      if (present === token) throw refused()
      token = present
      const second = await once(method, path, body, signal)
      if (second.status === 403) throw refused()
      return second
    },
    close: () => {
      agent.destroy()
    },
  }
}

const refused = () =>
  new ProviderDenial(
    'Vault refuses the token: it has expired, was revoked, or its policy does not allow this.',
  )

async function readToken(file: string): Promise<string> {
  const token = (await readPrivateFile(file)).trim()
  if (!/^[\x21-\x7e]+$/.test(token)) throw new ProviderDenial(`${file} holds no Vault token.`)
  return token
}

async function readAuthority(file: string): Promise<string> {
  return readFile(file, 'utf8').catch(() => {
    throw new ProviderOutage(`${file}, the certificate authority of Vault, cannot be read.`)
  })
}

async function readText(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  let length = 0
  for await (const chunk of response as AsyncIterable<Buffer>) {
    length += chunk.length
    if (length > longestAnswer) throw new ProviderOutage('Vault answers with more than it was asked for.')
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}

/** Which status means what: https://openbao.org/api-docs/#http-status-codes; 412 and 429 as HashiCorp Vault uses them. */
function readAnswer(status: number, text: string): VaultAnswer {
  if (status === 204) return { status, data: undefined, errors: [] }
  if (status === 412 || status === 429 || status === 502 || status === 503 || status === 504) {
    throw new ProviderOutage(`Vault cannot answer now (status ${status}).`)
  }
  if (status >= 300 && status < 400) {
    throw new ProviderOutage('Vault points to another address: name the one that answers itself.')
  }
  // A refused token counts whatever stands around it.
  if (status === 403) return { status, data: undefined, errors: [] }
  const known = status === 200 || status === 400 || status === 404 || status === 500
  const parsed = known ? answer.safeParse(parseJson(text)) : undefined
  if (!parsed?.success) throw new ProviderOutage(`What answers is not Vault (status ${status}).`)
  return { status, data: parsed.data.data, errors: parsed.data.errors }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** The system's or OpenSSL's code for the failure; never its text, which may hold an address. */
function codeOf(error: unknown): string {
  if (error instanceof Error && error.name === 'TimeoutError') return 'no answer in time'
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  return /^[A-Z0-9_]{2,60}$/.test(code) ? code : 'connection lost'
}
