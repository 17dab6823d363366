import 'server-only'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { AddressInfo } from 'node:net'

import { log } from '#lib/log.ts'
import type { Witness, WitnessAnswer } from './witness.ts'

/** A proof has 63 hashes at most, and a note 100,000 characters. */
const bodyBytesMax = 128 * 1024

export type WitnessServer = { readonly url: string; readonly close: () => Promise<void> }

type Plan = {
  readonly address: string
  /** 0 takes a free one */
  readonly port: number
  readonly tls?: { readonly cert: Buffer; readonly key: Buffer }
}

/**
 * Answers for a witness over HTTP: `POST /add-checkpoint`, and `GET /<SHA-256 of the log's name>/checkpoint` for whoever wants
 * to compare. @throws when the address is taken
 */
export async function serveWitness(witness: Witness, { address, port, tls }: Plan): Promise<WitnessServer> {
  const listener = (request: IncomingMessage, response: ServerResponse): void => {
    answer(witness, request)
      .catch((error: unknown): WitnessAnswer => {
        log('job.failed', {
          place: 'witness.answer',
          errorName: error instanceof Error ? error.name : undefined,
        })
        return { status: 500, body: '' }
      })
      .then(
        ({ status, body, type = 'text/plain; charset=utf-8' }) => {
          response.writeHead(status, { 'content-type': type, 'cache-control': 'no-store' }).end(body)
        },
        () => request.socket.destroy(),
      )
  }
  const server: Server = tls
    ? createTlsServer({ ...tls, minVersion: 'TLSv1.2' }, listener)
    : createServer(listener)
  server.requestTimeout = 10_000
  server.headersTimeout = 10_000
  server.maxConnections = 64
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, address, resolve)
  })
  const { port: taken } = server.address() as AddressInfo
  return {
    url: `${tls ? 'https' : 'http'}://${address.includes(':') ? `[${address}]` : address}:${taken}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

async function answer(witness: Witness, request: IncomingMessage): Promise<WitnessAnswer> {
  const [, id] = /^[/]([0-9a-f]{64})[/]checkpoint$/.exec(request.url ?? '') ?? []
  if (request.method === 'GET' && id !== undefined) return witness.newest(id)
  if (request.url !== '/add-checkpoint') return { status: 404, body: '' }
  if (request.method !== 'POST') return { status: 405, body: '' }
  const body = await readBody(request)
  return body === undefined ? { status: 413, body: '' } : witness.addCheckpoint(body)
}

/** The body as text; undefined when it is longer than any request of a log. */
async function readBody(request: IncomingMessage): Promise<string | undefined> {
  const chunks: Buffer[] = []
  let length = 0
  for await (const chunk of request as AsyncIterable<Buffer>) {
    length += chunk.length
    // What is too long is read to its end and dropped: whoever sends it gets an answer, and no memory.
    if (length <= bodyBytesMax) chunks.push(chunk)
  }
  return length > bodyBytesMax ? undefined : Buffer.concat(chunks).toString('utf8')
}
