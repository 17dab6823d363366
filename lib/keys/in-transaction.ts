import 'server-only'
import type { Pool, PoolClient } from 'pg'

/** Runs statements of the key store that hold together or not at all; committed on return. */
export async function inTransaction<T>(database: Pool, work: (client: PoolClient) => Promise<T>): Promise<T> {
  const client = await database.connect()
  // A server that goes away between two statements has no query to tell it to; unheard, it would end the process. The
  // next statement fails, and says so to the caller.
  const lost = () => undefined
  client.on('error', lost)
  try {
    await client.query('BEGIN')
    const result = await work(client)
    await client.query('COMMIT')
    client.off('error', lost)
    client.release()
    return result
  } catch (error) {
    // The connection goes with its transaction: whatever state it is in, nothing of it is committed or reused. While it
    // is closed it may still complain, so its listener stays.
    client.release(true)
    throw error
  }
}
