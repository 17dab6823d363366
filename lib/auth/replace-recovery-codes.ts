import 'server-only'

import { z } from 'zod'
import { now } from '#lib/clock.ts'
import type { Actor } from '#lib/policy/actor.ts'
import { authQueryOne } from './auth-query.ts'
import { hashRecoveryCodes, newRecoveryCodes } from './recovery-codes.ts'
import { writeSealed } from './sealed-state.ts'

/**
 * Makes ten new recovery codes; the old ones stop working. They wait in a sealed cookie until the person has saved
 * them: the database holds only their hashes. For server actions.
 * @returns false without a fresh second factor
 */
export async function replaceRecoveryCodes(actor: Actor): Promise<boolean> {
  const codes = newRecoveryCodes()
  const row = await authQueryOne(
    z.object({ done: z.boolean() }),
    'SELECT app.recovery_codes_replace($1, $2) AS done',
    [actor.sessionToken, await hashRecoveryCodes(codes)],
  )
  if (row.done)
    await writeSealed('recovery-codes', {
      accountId: actor.accountId,
      codes,
      madeAt: now().toISOString(),
      replaced: true,
    })
  return row.done
}
