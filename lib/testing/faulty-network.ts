import { mkdtempSync, rmSync } from 'node:fs'
import { connect, createServer, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'

/** A way to a PostgreSQL server that can be broken as networks break: without a word to either end. */
export type FaultyNetwork = {
  /** address of the server by this way */
  readonly url: string
  /** forgets the connections there are, as a firewall does after a restart; new ones work */
  forgetConnections(): void
  /** swallows everything on every connection, old or new, until `repair` */
  swallowAll(): void
  /** swallows messages of the server that nobody asked for (NOTIFY), and nothing else; not possible over TLS */
  swallowNotifications(): void
  /** new connections work again; those that lost something stay lost */
  repair(): void
  /** connections made so far */
  readonly made: number
  close(): Promise<void>
}

type Way = { isDead: boolean; client: Socket; server: Socket }

/** @param url address of a server, over a unix socket or TCP */
export async function faultyNetwork(url: string): Promise<FaultyNetwork> {
  const address = new URL(url)
  const socketDirectory = address.searchParams.get('host')
  const port = address.searchParams.get('port') ?? address.port
  const directory = mkdtempSync(path.join(tmpdir(), 'vigil-way-'))
  const ways = new Set<Way>()
  let swallows: 'nothing' | 'notifications' | 'everything' = 'nothing'
  let made = 0

  const server = createServer((client) => {
    made += 1
    const upstream =
      socketDirectory === null
        ? connect(Number(port), '127.0.0.1')
        : connect(path.join(socketDirectory, `.s.PGSQL.${port}`))
    const way: Way = { isDead: swallows === 'everything', client, server: upstream }
    ways.add(way)
    const messages = messageFilter()
    client.on('data', (bytes) => {
      if (!way.isDead) upstream.write(bytes)
    })
    upstream.on('data', (bytes) => {
      const passed = messages(bytes, swallows === 'notifications')
      if (!way.isDead) client.write(passed)
    })
    const over = () => {
      if (way.isDead) return
      client.destroy()
      upstream.destroy()
      ways.delete(way)
    }
    for (const socket of [client, upstream]) socket.on('error', over).on('close', over)
  })
  const listening = Promise.withResolvers<undefined>()
  server.once('listening', () => {
    listening.resolve(undefined)
  })
  if (socketDirectory === null) server.listen(0, '127.0.0.1')
  else server.listen(path.join(directory, `.s.PGSQL.${port}`))
  await listening.promise
  const own = server.address()
  if (socketDirectory !== null) address.searchParams.set('host', directory)
  else if (typeof own === 'object' && own) address.port = String(own.port)

  return {
    url: address.href,
    forgetConnections() {
      for (const way of ways) way.isDead = true
    },
    swallowAll() {
      swallows = 'everything'
      for (const way of ways) way.isDead = true
    },
    swallowNotifications() {
      swallows = 'notifications'
    },
    repair() {
      swallows = 'nothing'
    },
    get made() {
      return made
    },
    async close() {
      for (const { client, server: upstream } of ways) {
        client.destroy()
        upstream.destroy()
      }
      const closed = Promise.withResolvers<undefined>()
      server.close(() => {
        closed.resolve(undefined)
      })
      await closed.promise
      rmSync(directory, { recursive: true, force: true })
    },
  }
}

/** Takes NotificationResponse ('A') out of what a server sends: a byte that says what it is, a length, a body. */
function messageFilter(): (bytes: Buffer, isFiltering: boolean) => Buffer {
  let rest = Buffer.alloc(0)
  return (bytes, isFiltering) => {
    if (!isFiltering && rest.length === 0) return bytes
    let unread = Buffer.concat([rest, bytes])
    const passed: Buffer[] = []
    while (unread.length >= 5 && unread.length > unread.readUInt32BE(1)) {
      const end = 1 + unread.readUInt32BE(1)
      if (!isFiltering || unread[0] !== 'A'.charCodeAt(0)) passed.push(unread.subarray(0, end))
      unread = unread.subarray(end)
    }
    rest = unread
    return Buffer.concat(passed)
  }
}
