import 'server-only'
import { Socket } from 'node:net'
import { Client } from 'pg'

/**
 * Calls `drop` whenever another process has changed a key: with its owner, or without one when all must go. After a gap in
 * the connection everything must go, because messages were missed. What this does not bring, the cache's own limit does.
 * @returns when it listens, or has failed to for the first time: the function that stops it
 */
export async function listenForKeyChanges(
  url: string,
  drop: (owner?: string) => void,
  pauseSeconds: number,
): Promise<() => Promise<void>> {
  let stopped = false
  let client: Client | undefined
  let timer: NodeJS.Timeout | undefined
  let missed = false

  function again(former: Client): void {
    if (stopped || client !== former) return
    client = undefined
    missed = true
    void former.end().catch(() => undefined)
    timer = setTimeout(() => void listen(), pauseSeconds * 1000)
    timer.unref()
  }

  async function listen(): Promise<void> {
    const socket = new Socket()
    const fresh = new Client({
      connectionString: url,
      application_name: 'vigil key changes',
      connectionTimeoutMillis: pauseSeconds * 3000,
      keepAlive: true,
      stream: () => socket,
    })
    client = fresh
    fresh.on('notification', ({ payload }) => {
      drop(payload === undefined || payload === '' ? undefined : payload)
    })
    fresh.on('error', () => {
      again(fresh)
    })
    fresh.on('end', () => {
      again(fresh)
    })
    try {
      await fresh.connect()
      await fresh.query('LISTEN vigil_keys')
      // Waiting for news must not keep a finished command alive.
      socket.unref()
      if (missed) drop()
      missed = false
    } catch {
      again(fresh)
    }
  }

  await listen()
  return async () => {
    stopped = true
    clearTimeout(timer)
    await client?.end().catch(() => undefined)
  }
}
