import 'server-only'

import { z } from 'zod'
import { authQueryOne } from './auth-query.ts'
import { totpStep, totpStepsIn } from './totp.ts'

const clock = z.object({ now: z.date(), advanced_ms: z.coerce.number() })

/**
 * The time step that a code belongs to by the database's clock, or null.
 *
 * A demo's clock can be moved forward (`vigil demo clock advance`), and then a person's own telephone is behind it. Its
 * codes count as well, as the step that they have on the demo's clock, so that a code still works once. In production
 * the clock cannot be moved, and the two are one.
 */
export async function acceptableStep(secret: string, code: string): Promise<number | null> {
  const { now, advanced_ms: advanced } = await authQueryOne(
    clock,
    'SELECT t.now, round(extract(epoch FROM t.now - t.real) * 1000)::bigint AS advanced_ms FROM (SELECT app.now() AS now, clock_timestamp() AS real) t',
    [],
  )
  const step = totpStep(secret, code, now.getTime())
  if (step !== null || advanced < 1000) return step
  const stepOfTelephone = totpStep(secret, code, now.getTime() - advanced)
  return stepOfTelephone === null ? null : stepOfTelephone + totpStepsIn(advanced)
}
