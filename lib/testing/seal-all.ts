import { setTimeout as sleep } from 'node:timers/promises'
import type { Client } from 'pg'

import type { Sealer } from '#lib/audit/seal/sealer.ts'

/**
 * Seals until nothing waits. One step may not be enough: a transaction that runs in any database of the server, another
 * test's for example, holds sealing back at itself.
 * @returns rows sealed
 */
export async function sealAll(sealer: Sealer, client: Client): Promise<number> {
  const end = performance.now() + 120_000
  let sealed = 0
  for (;;) {
    sealed += await sealer.step()
    const { rows } = await client.query<{ waiting: boolean }>(
      'SELECT oldest_unsealed_at IS NOT NULL AS waiting FROM audit.seal_status()',
    )
    if (rows[0]?.waiting === false) return sealed
    if (performance.now() > end) throw new Error('something waits to be sealed for two minutes')
    await sleep(50)
  }
}
