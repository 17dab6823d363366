import 'server-only'
import pg from 'pg'
import { log } from '#lib/log.ts'

const dayMilliseconds = 24 * 3600 * 1000

const ensure = async (url: string): Promise<void> => {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 10_000 })
  client.on('error', () => undefined)
  try {
    await client.connect()
    await client.query('SELECT audit.ensure_partitions(3)')
  } catch (error) {
    // Three months are there already: tomorrow is early enough, and `vigil doctor` looks at it too.
    log('job.failed', {
      place: 'audit.partitions',
      errorName: error instanceof Error ? error.name : undefined,
    })
  } finally {
    await client.end().catch(() => undefined)
  }
}

/**
 * Furnishes the logs with partitions for the months ahead, daily: a log without one refuses every access.
 * @param url of the login for jobs; without one the operator's `vigil migrate` does it
 * @returns the function that ends it
 */
export const keepPartitions = (url: string | undefined): (() => void) => {
  if (url === undefined) return () => undefined
  const timer = setInterval(() => void ensure(url), dayMilliseconds)
  timer.unref()
  return () => clearInterval(timer)
}
