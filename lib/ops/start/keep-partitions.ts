import 'server-only'
import { openClient } from '#lib/db/open-client.ts'
import { log } from '#lib/log.ts'

const dayMilliseconds = 24 * 3600 * 1000

const ensure = async (url: string): Promise<void> => {
  try {
    const client = await openClient(url, { connectionTimeoutMillis: 10_000 })
    try {
      await client.query('SELECT audit.ensure_partitions(3)')
    } finally {
      await client.end().catch(() => undefined)
    }
  } catch (error) {
    // Three months are there already: tomorrow is early enough, and `vigil doctor` looks at it too.
    log('job.failed', {
      place: 'audit.partitions',
      errorName: error instanceof Error ? error.name : undefined,
    })
  }
}

/**
 * Furnishes the logs with partitions for the months ahead, daily: a log without one refuses every access.
 * @param address of the login for jobs, asked for each time: its password may have changed; without one the operator's `vigil migrate` does it
 * @returns the function that ends it
 */
export const keepPartitions = (address: () => string | undefined): (() => void) => {
  const timer = setInterval(() => {
    const url = address()
    if (url !== undefined) void ensure(url)
  }, dayMilliseconds)
  timer.unref()
  return () => clearInterval(timer)
}
