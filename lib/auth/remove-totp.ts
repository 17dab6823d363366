import 'server-only'

import { z } from 'zod'
import type { Actor } from '#lib/policy/actor.ts'
import { authQueryOne } from './auth-query.ts'

export type RemovedTotp =
  | 'removed'
  | 'code-needed'
  | 'gone'
  /** there is no passkey: nothing would be left beside the password */
  | 'last'

/** Takes the person's authenticator app out of use; its codes open nothing from the next attempt on. */
export async function removeTotp(actor: Actor): Promise<RemovedTotp> {
  const row = await authQueryOne(
    z.object({ outcome: z.enum(['removed', 'no-session', 'not-fresh', 'gone', 'last']) }),
    'SELECT app.totp_remove($1) AS outcome',
    [actor.sessionToken],
  )
  return row.outcome === 'no-session' || row.outcome === 'not-fresh' ? 'code-needed' : row.outcome
}
