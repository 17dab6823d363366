import 'server-only'
import type { Client, QueryArrayConfig, QueryArrayResult } from 'pg'

const turns = new WeakMap<Client, Promise<unknown>>()

/** Asks over a connection that others are asking over, too: each question waits for the answer to the one before. */
export function askInTurn<Row extends unknown[]>(
  client: Client,
  question: QueryArrayConfig,
): Promise<QueryArrayResult<Row>> {
  const before = turns.get(client) ?? Promise.resolve()
  const answer = before.then(() => client.query<Row>(question))
  turns.set(
    client,
    answer.catch(() => undefined),
  )
  return answer
}
