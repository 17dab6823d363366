import 'server-only'

import { PrismaPg } from '@prisma/adapter-pg'
import { Pool, type PoolClient, type QueryArrayConfig, type QueryArrayResult } from 'pg'
import { statementName } from './statement-name.ts'
import { unitConnection } from './unit-connection.ts'

/*
 * Prisma compiles queries; the door owns the transaction. Prisma's own driver adapter is kept for its conversions and
 * error codes, and is handed something that looks like a pool and is the connection of the running unit. There is
 * no other connection it could use, so a query outside of a unit is refused here at the latest.
 */

/** Prisma's driver adapter over the unit's connection. */
export function unitAdapter(): PrismaPg {
  return new PrismaPg(unitPool(), { statementNameGenerator: (query) => statementName(query.sql) })
}

function unitPool(): Pool {
  // Never connects: both ways to a connection of its own are replaced.
  const seeming = new Pool({ max: 1 })
  Object.defineProperties(seeming, {
    query: { value: (config: QueryArrayConfig) => sendOnUnit(config) },
    connect: { value: () => Promise.resolve(nestedTransaction()) },
  })
  return seeming
}

async function sendOnUnit(config: QueryArrayConfig): Promise<QueryArrayResult> {
  return unitConnection().queryArray(config)
}

let savepoints = 0

/**
 * What Prisma opens when one call makes several statements (nested writes). Its BEGIN, COMMIT and ROLLBACK become a
 * savepoint of the unit's transaction: a nested write is still all or nothing, and cannot end the unit.
 */
function nestedTransaction(): Pick<PoolClient, 'on' | 'removeListener' | 'release' | 'query'> {
  savepoints = (savepoints + 1) % 1_000_000
  const name = `nested_${savepoints}`
  const instead: Readonly<Record<string, string>> = {
    BEGIN: `SAVEPOINT ${name}`,
    COMMIT: `RELEASE SAVEPOINT ${name}`,
    ROLLBACK: `ROLLBACK TO SAVEPOINT ${name}`,
  }
  const client = {
    query: (config: QueryArrayConfig) => {
      const text = instead[config.text]
      return sendOnUnit(text === undefined ? config : { text, rowMode: 'array' })
    },
    release: () => undefined,
    on: () => client,
    removeListener: () => client,
  }
  return client as unknown as PoolClient
}
