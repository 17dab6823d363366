import 'server-only'
import { readFileSync } from 'node:fs'
import { type IncomingHttpHeaders, type IncomingMessage, type ServerResponse, request } from 'node:http'
import { type Server, createServer } from 'node:https'
import { isTrustedProxy } from './is-trusted-proxy.ts'

export type TlsFront = { readonly close: () => Promise<void> }

/** Headers for the web process: the address as seen here, unless a trusted proxy in front of us has named it. */
const forwardedHeaders = (
  incoming: IncomingMessage,
  trustedProxies: readonly string[],
): IncomingHttpHeaders => {
  const peer = incoming.socket.remoteAddress?.replace(/^::ffff:/, '') ?? ''
  const named = isTrustedProxy(peer, trustedProxies) ? incoming.headers['x-forwarded-for'] : undefined
  return {
    ...incoming.headers,
    'x-forwarded-for': named === undefined ? peer : `${String(named)}, ${peer}`,
    'x-forwarded-proto': 'https',
    'x-forwarded-host': incoming.headers.host,
  }
}

const passOn = (
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  port: number,
  trustedProxies: readonly string[],
): void => {
  const inner = request(
    {
      host: '127.0.0.1',
      port,
      method: incoming.method,
      path: incoming.url,
      headers: forwardedHeaders(incoming, trustedProxies),
    },
    (answer) => {
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers)
      answer.pipe(outgoing)
    },
  )
  inner.on('error', () => {
    if (!outgoing.headersSent) outgoing.writeHead(502, { 'cache-control': 'no-store' })
    outgoing.end()
  })
  outgoing.on('close', () => inner.destroy())
  incoming.pipe(inner)
}

/**
 * Speaks TLS 1.2 and 1.3 to the world (ASVS 12.1.1) and plain HTTP to the web process on this machine's loopback.
 * @throws when the address is taken or the certificate and key do not fit
 */
export const openTlsFront = async (plan: {
  address: string
  port: number
  innerPort: number
  certFile: string
  keyFile: string
  trustedProxies: readonly string[]
}): Promise<TlsFront> => {
  const server: Server = createServer(
    {
      cert: readFileSync(plan.certFile),
      key: readFileSync(plan.keyFile),
      minVersion: 'TLSv1.2',
    },
    (incoming, outgoing) => passOn(incoming, outgoing, plan.innerPort, plan.trustedProxies),
  )
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(plan.port, plan.address, resolve)
  })
  return {
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeIdleConnections()
        setTimeout(() => server.closeAllConnections(), 5000).unref()
      }),
  }
}
