import 'server-only'

import { z } from 'zod'
import type { Actor } from '#lib/policy/actor.ts'
import { authQueryOne } from '#lib/auth/auth-query.ts'

export type RemovedPasskey =
  | 'removed'
  | 'code-needed'
  | 'gone'
  /** nothing would be left beside the password, or no passkey where the role asks for one */
  | 'last'

/** Takes one of the person's own passkeys out of use at once; somebody else's is not found. */
export async function removePasskey(actor: Actor, passkeyId: string): Promise<RemovedPasskey> {
  const row = await authQueryOne(
    z.object({ outcome: z.enum(['removed', 'no-session', 'not-fresh', 'gone', 'last']) }),
    'SELECT app.passkey_remove($1, $2) AS outcome',
    [actor.sessionToken, passkeyId],
  )
  return row.outcome === 'no-session' || row.outcome === 'not-fresh' ? 'code-needed' : row.outcome
}
