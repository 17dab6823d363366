import http from 'node:http'
import { productUrl } from './product.ts'

export type Reply = { status: number; headers: http.IncomingHttpHeaders; body: string }

/** Connections that are kept for the next question: opening one costs as much as half of the answers. */
const kept = new http.Agent({ keepAlive: true, maxSockets: 8 })

/**
 * Asks the product over plain http, with exactly the headers that are given and no redirect followed: what a browser's
 * comforts would hide is what these tests look at.
 */
export function ask(
  path: string,
  options: {
    token?: string | undefined
    method?: string
    headers?: Record<string, string>
    body?: string | Buffer
    /** over a connection that others use before and after: for thousands of questions to a product that stays up */
    keepAlive?: boolean
  } = {},
): Promise<Reply> {
  const { token, method = 'GET', headers = {}, body, keepAlive = false } = options
  return new Promise((resolve, reject) => {
    const request = http.request(
      new URL(path, productUrl),
      {
        method,
        ...(keepAlive ? { agent: kept } : {}),
        headers: {
          ...(token === undefined ? {} : { cookie: `vigil-session=${token}` }),
          ...(body === undefined ? {} : { 'content-length': String(Buffer.byteLength(body)) }),
          ...headers,
        },
      },
      (answer) => {
        const chunks: Buffer[] = []
        answer.on('data', (chunk: Buffer) => chunks.push(chunk))
        answer.on('end', () =>
          resolve({
            status: answer.statusCode ?? 0,
            headers: answer.headers,
            body: Buffer.concat(chunks).toString('utf8'),
          }),
        )
      },
    )
    request.on('error', reject)
    request.end(body)
  })
}

/**
 * The same, and goes on once where Next leads a request of its own kind to the address with the right fingerprint
 * (`_rsc`), as its client does: else the tests would only ever look at that redirect.
 */
export async function askOn(path: string, options: Parameters<typeof ask>[1] = {}): Promise<Reply> {
  const reply = await ask(path, options)
  const { location } = reply.headers
  return location !== undefined && /[?&]_rsc\b/.test(location) ? ask(location, options) : reply
}

/** The ways in which one page can be asked for (Next 16 App Router): each must get the same answer. */
export const transports: { name: string; path: (path: string) => string; headers: Record<string, string> }[] =
  [
    { name: 'page', path: (path) => path, headers: {} },
    {
      name: 'rsc',
      path: (path) => `${path}${path.includes('?') ? '&' : '?'}_rsc=1a2b3`,
      headers: { rsc: '1' },
    },
    { name: '.rsc', path: (path) => path.replace(/(\?|$)/, '.rsc$1'), headers: {} },
    { name: '.rsc header', path: (path) => path.replace(/(\?|$)/, '.rsc$1'), headers: { rsc: '1' } },
    {
      name: 'prefetch',
      path: (path) => `${path}${path.includes('?') ? '&' : '?'}_rsc=4d5e6`,
      headers: { rsc: '1', 'next-router-prefetch': '1' },
    },
    {
      name: 'segment prefetch',
      path: (path) => `${path}${path.includes('?') ? '&' : '?'}_rsc=7f8a9`,
      headers: { rsc: '1', 'next-router-prefetch': '1', 'next-router-segment-prefetch': '/_tree' },
    },
    {
      name: 'segment file',
      path: (path) => path.replace(/(\?|$)/, '.segments/_tree.segment.rsc$1'),
      headers: {},
    },
    {
      name: 'middleware header',
      path: (path) => path,
      headers: { 'x-middleware-subrequest': 'proxy:proxy:proxy:proxy:proxy' },
    },
    { name: 'HEAD', path: (path) => path, headers: {} },
  ]

/**
 * Words of Maria's record. None may stand in an answer to somebody who may not see it. Five letters alone come up by chance in the nonces
 * and sealed addresses of some ten thousand answers, so they count as a word only.
 */
export const canaries =
  /(?<![\w-])Reyes(?![\w-])|Potassium|Penicillin|Lisinopril|Metformin|Hypertension|1979-04-02|April 2, 1979/i
