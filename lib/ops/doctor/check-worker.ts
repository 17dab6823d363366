import 'server-only'
import type { Client } from 'pg'

import { homeOwner } from '#lib/ops/home/lock.ts'
import type { Env } from '#lib/parse-env.ts'
import { type Check, finding, fine } from './finding.ts'

/** The worker: whether it gives a sign of life while Vigil serves from this home, and which of its jobs failed last. */
export const checkWorker = async (client: Client, env: Env): Promise<Check[]> => {
  const { rows } = await client.query<{ seen_at: Date | null; silent: boolean | null; failing: string[] }>(
    `SELECT seen_at, seen_at < clock_timestamp() - interval '2 minutes' AS silent, failing FROM app.worker_status()`,
  )
  const [status] = rows
  const isServing = homeOwner(env.home)?.serving === true
  const isSilent = isServing && status?.silent !== false
  return [
    isSilent
      ? finding(
          'worker: process',
          'it has given no sign of life for two minutes, so exports and reminders wait: see what the log says of "worker", and that DATABASE_WORKER_URL is set.',
        )
      : fine('worker: process', isServing ? 'at work' : 'runs while Vigil does'),
    status !== undefined && status.failing.length > 0
      ? finding(
          'worker: jobs',
          `failed when they last ran: ${status.failing.join(', ')}. Each is tried again every five minutes; the log says why.`,
        )
      : fine('worker: jobs', 'none failed'),
  ]
}
