import 'server-only'

import type { QueryResultRow } from 'pg'
import { Connection } from './connection.ts'
import { pool, type PoolName } from './pools.ts'
import { statementName } from './statement-name.ts'

/**
 * Calls a function of the schemas `app` or `audit`, outside of any unit of work; each call commits by itself.
 * The login has no right on `phi`, so no record can be reached this way.
 * @param text one statement with $1, $2 … for the values
 * @param login which login's pool; the web process's own by default
 * @throws CommitInDoubt, and pg's errors as they are: callers must not show their texts
 */
export async function appQuery<Row extends QueryResultRow>(
  text: string,
  values: readonly unknown[] = [],
  login: Exclude<PoolName, 'record' | 'worker-record'> = 'app',
): Promise<Row[]> {
  const connection = await Connection.borrow(pool(login), `database.${login}`)
  try {
    const result = await connection.commit<Row>({ name: statementName(text), text, values: [...values] })
    return result.rows
  } finally {
    connection.giveBack()
  }
}
