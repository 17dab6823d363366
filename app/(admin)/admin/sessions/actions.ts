'use server'

import { revalidatePath } from 'next/cache'
import type { FieldError } from '#components/ui/field-error.ts'
import { endEverybodysSessions } from '#lib/accounts/people/end-sessions.ts'
import { requireActor } from '#lib/auth/require-actor.ts'
import type { AskedFactors } from '#lib/auth/second-factors.ts'
import { stepUp } from '#lib/auth/step-up.ts'
import { paths } from '#lib/paths.ts'

/** How many sessions were ended is said by the answer itself: an address could say anything. */
export type EverybodyState = { errors: FieldError[]; asks: AskedFactors; ended?: number }

/** Signs everybody out but the administrator who does it, after a fresh second factor. */
export async function signEverybodyOut(_: EverybodyState, form: FormData): Promise<EverybodyState> {
  const actor = await requireActor('admin')
  if (form.get('sure') !== 'yes')
    return { errors: [{ field: 'sure', message: 'Say that you mean everybody' }], asks: false }
  const raised = await stepUp(actor, form, 'everybody-code')
  if (raised.kind === 'refused')
    return { errors: [{ field: 'everybody-code', message: raised.message }], asks: raised.asks }
  const ended = await endEverybodysSessions(raised.actor)
  revalidatePath(paths.adminSessions)
  return { errors: [], asks: false, ended }
}
