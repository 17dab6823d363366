import 'server-only'

import { z } from 'zod'
import type { Actor } from '#lib/policy/actor.ts'
import { authQueryOne } from './auth-query.ts'

/**
 * Ends all other sessions of a person, or this one as well.
 * @returns how many; null without a fresh second factor (ASVS 5.0 7.5.2), when nothing was ended
 */
export async function endMySessions(actor: Actor, which: 'others' | 'all'): Promise<number | null> {
  const row = await authQueryOne(
    z.object({ ended: z.int().nullable() }),
    'SELECT app.sessions_end_mine($1, $2) AS ended',
    [actor.sessionToken, which === 'all'],
  )
  return row.ended
}
