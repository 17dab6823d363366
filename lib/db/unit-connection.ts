import 'server-only'

import { AsyncLocalStorage } from 'node:async_hooks'
import type { Connection } from './connection.ts'

const current = new AsyncLocalStorage<Connection>()

/** A query was sent outside of a unit of work: nobody was admitted, so there is no connection for it. */
export class OutsideUnit extends Error {
  override readonly name = 'OutsideUnit'

  constructor() {
    super('queries on records run inside a unit of work only: use withRecord of lib/phi')
  }
}

/** Runs `work` with this connection as the one that Prisma uses, and every asynchronous step that follows from it. */
export function onConnection<T>(connection: Connection, work: () => Promise<T>): Promise<T> {
  return current.run(connection, async () => {
    // Awaited inside: Prisma's promises start their work when they are first waited for, and that must be in here.
    const value = await work()
    return value
  })
}

/**
 * The connection of the unit of work that is running.
 * @throws OutsideUnit
 */
export function unitConnection(): Connection {
  const connection = current.getStore()
  if (!connection) throw new OutsideUnit()
  return connection
}
