import {
  createServer,
  type IncomingMessage,
  type RequestListener,
  type Server,
  type ServerResponse,
} from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { AddressInfo, Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'

export type LoopbackRequest = {
  readonly method: string
  readonly path: string
  readonly headers: IncomingMessage['headers']
  readonly body: unknown
}
export type LoopbackAnswer = {
  readonly status: number
  readonly body?: unknown
  readonly headers?: Record<string, string>
}

/** What may happen to a request before the service itself sees it. */
export type Weather = 'fair' | 'hang' | 'reset' | 'slow' | 'closed' | 'garbage'

export type LoopbackServer = {
  readonly url: string
  /** requests that arrived, whatever became of them */
  requests: LoopbackRequest[]
  weather: Weather
  /** the weather of each coming request, one after the other; afterwards `weather` again */
  forecast: Weather[]
  close(): Promise<void>
}

/** How long a slow answer takes: near the limit that a caller has, and within it. */
const slowSeconds = 2

/**
 * A service on this machine's loopback that speaks JSON over HTTP, or over TLS with a certificate of one's own. It can hang,
 * break connections, answer slowly, or with something else.
 */
export async function startLoopbackServer(
  answer: (request: LoopbackRequest) => LoopbackAnswer | Promise<LoopbackAnswer>,
  tls?: { cert: string; key: string },
): Promise<LoopbackServer> {
  const sockets = new Set<Socket>()
  const listener: RequestListener = (request, response) => {
    void serve(request, response).catch(() => request.socket.destroy())
  }
  const server: Server = tls ? createTlsServer(tls, listener) : createServer(listener)
  server.on('connection', (socket) => {
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
    if (own.weather === 'closed') socket.destroy()
  })

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = []
    for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk)
    const text = Buffer.concat(chunks).toString('utf8')
    const received = {
      method: request.method ?? '',
      path: request.url ?? '',
      headers: request.headers,
      body: text === '' ? undefined : (JSON.parse(text) as unknown),
    }
    own.requests.push(received)
    const weather = own.forecast.shift() ?? own.weather
    if (weather === 'hang') return
    if (weather === 'reset' || weather === 'closed') {
      request.socket.resetAndDestroy()
      return
    }
    if (weather === 'garbage') {
      response
        .writeHead(200, { 'content-type': 'text/html' })
        .end('<html>Please sign in to the hotel network</html>')
      return
    }
    if (weather === 'slow') await sleep(slowSeconds * 1000)
    const { status, body, headers } = await answer(received)
    response.writeHead(status, { 'content-type': 'application/json', ...headers })
    response.end(body === undefined ? '' : JSON.stringify(body))
  }

  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const own: LoopbackServer = {
    url: tls ? `https://localhost:${port}` : `http://127.0.0.1:${port}`,
    requests: [],
    weather: 'fair',
    forecast: [],
    close: () =>
      new Promise((resolve) => {
        server.close(() => {
          resolve()
        })
        for (const socket of sockets) socket.destroy()
      }),
  }
  return own
}
