import 'server-only'
import type { Client } from 'pg'

import type { Findings } from './findings.ts'

/** Finds a sealer that stands still while rows wait. */
export async function checkStale(client: Client, findings: Findings): Promise<void> {
  const { rows } = await client.query<{ stale: boolean | null }>(
    `SELECT s.oldest_unsealed_at < clock_timestamp() - interval '60 seconds'
       AND coalesce(s.sealed_at < clock_timestamp() - interval '60 seconds', true) AS stale FROM audit.seal_status() s`,
  )
  if (rows[0]?.stale === true)
    findings.say('SEAL_STALE', null, null, 'rows wait to be sealed for more than a minute')
}
