import 'server-only'
import { randomBytes } from 'node:crypto'
import { Socket } from 'node:net'
import type { Client } from 'pg'

import { isOutdated, makeClient } from '#lib/db/open-client.ts'
import { monotonicSeconds } from './key-cache.ts'
import type { KeyLimits } from './key-settings.ts'

export type KeyChangeListener = {
  /** Settles when it listens, or has failed to for the first time. */
  readonly begun: Promise<void>
  /** Seconds, on the monotonic clock, up to which every change of a key is known to have been heard of. */
  heard(): number
  stop(): Promise<void>
}

type Connection = { readonly client: Client; readonly socket: Socket }

/** A proof of hearing is asked for this many times within the lease, so that one that is late costs nothing. */
const proofsPerLease = 4

/**
 * Calls `drop` whenever another process has changed a key: with its owner, or without one when all must go. After a gap in
 * the connection everything must go, because messages were missed.
 *
 * Silence does not tell a store in which nothing changes from a connection that is dead: a firewall that forgot it, a cable,
 * a pooler that listens to nothing. So the process sends itself a message through the store, again and again. PostgreSQL delivers
 * messages in the order of their commits (its manual, NOTIFY): once the echo of one has come back, every change that was
 * committed before it was sent has been heard of. Without an echo in time the connection is made anew.
 */
export function listenForKeyChanges(
  url: string,
  drop: (owner?: string) => void,
  limits: Pick<KeyLimits, 'leaseSeconds' | 'pauseSeconds'>,
  applicationName = 'vigil key changes',
): KeyChangeListener {
  const between = (limits.leaseSeconds * 1000) / proofsPerLease
  const echoes = `vigil_keys_echo_${randomBytes(8).toString('hex')}`
  let stopped = false
  let current: Connection | undefined
  let timer: NodeJS.Timeout | undefined
  let missed = false
  let heard = -Infinity

  function after(milliseconds: number, work: () => void): void {
    timer = setTimeout(work, milliseconds).unref()
  }

  function again(former: Connection): void {
    if (stopped || current !== former) return
    current = undefined
    missed = true
    clearTimeout(timer)
    // Not ended but torn off: at the other end of a dead connection nobody answers a farewell.
    former.socket.destroy()
    after(limits.pauseSeconds * 1000, () => void listen())
  }

  /** Sends a message and waits for its echo; then once more, as long as the connection lives. */
  async function prove(connection: Connection): Promise<void> {
    const sent = monotonicSeconds()
    await echoOf(connection.client, echoes, between * 2)
    if (stopped || current !== connection) return
    // In this order: hearing again must not make good what was cached while nothing was heard.
    if (missed) drop()
    missed = false
    heard = sent
    after(between, () => {
      // The login has a new password: whoever holds a connection with the former one is to open another.
      if (isOutdated(connection.client)) again(connection)
      else
        prove(connection).catch(() => {
          again(connection)
        })
    })
  }

  async function listen(): Promise<void> {
    const socket = new Socket()
    const client = makeClient(url, {
      application_name: applicationName,
      connectionTimeoutMillis: between * 2,
      query_timeout: between * 2,
      keepAlive: true,
      stream: () => socket,
    })
    const connection = { client, socket }
    current = connection
    client.on('notification', ({ channel, payload }) => {
      if (channel !== echoes) drop(payload === undefined || payload === '' ? undefined : payload)
    })
    const gone = () => {
      again(connection)
    }
    client.on('error', gone)
    client.on('end', gone)
    try {
      await client.connect()
      // Waiting for news must not keep a finished command alive.
      socket.unref()
      await client.query(`LISTEN vigil_keys; LISTEN ${echoes}`)
      await prove(connection)
    } catch {
      again(connection)
    }
  }

  return {
    begun: listen(),
    heard: () => heard,
    async stop() {
      stopped = true
      clearTimeout(timer)
      if (current) await end(current, between)
    },
  }
}

/** @throws when the echo does not come back in time, or the connection says that it cannot */
async function echoOf(client: Client, channel: string, milliseconds: number): Promise<void> {
  const proof = randomBytes(8).toString('hex')
  const { promise, resolve, reject } = Promise.withResolvers<undefined>()
  const listener = (message: { channel: string; payload?: string | undefined }) => {
    if (message.channel === channel && message.payload === proof) resolve(undefined)
  }
  const timer = setTimeout(() => {
    reject(new Error('no echo'))
  }, milliseconds).unref()
  client.on('notification', listener)
  try {
    await Promise.all([promise, client.query('SELECT pg_notify($1, $2)', [channel, proof])])
  } finally {
    clearTimeout(timer)
    client.off('notification', listener)
  }
}

/** Ends a connection politely, or after a while without ceremony. */
async function end({ client, socket }: Connection, milliseconds: number): Promise<void> {
  const timer = setTimeout(() => {
    socket.destroy()
  }, milliseconds)
  await client.end().catch(() => undefined)
  clearTimeout(timer)
}
