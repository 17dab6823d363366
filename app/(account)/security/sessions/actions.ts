'use server'

import { redirect } from 'next/navigation'
import { z } from 'zod'
import type { FieldError } from '#components/ui/field-error.ts'
import { endMySessions } from '#lib/auth/end-my-sessions.ts'
import { requireActor } from '#lib/auth/require-actor.ts'
import type { AskedFactors } from '#lib/auth/second-factors.ts'
import { endOtherSession } from '#lib/auth/session.ts'
import { signOut } from '#lib/auth/sign-out.ts'
import { stepUp } from '#lib/auth/step-up.ts'
import { paths, withQuery } from '#lib/paths.ts'

export type EndState = { errors: FieldError[]; asks: AskedFactors }

/** Ends one of the person's own sessions, all others, or all: after a fresh second factor. Somebody else's is not found. */
export async function endSessions(_: EndState, form: FormData): Promise<EndState> {
  const actor = await requireActor()
  const which = z.union([z.enum(['others', 'all']), z.uuid()]).safeParse(form.get('which'))
  const field = `end-${which.success ? which.data : 'code'}`
  const raised = await stepUp(actor, form, field)
  if (raised.kind === 'refused') return { errors: [{ field, message: raised.message }], asks: raised.asks }
  if (!which.success) redirect(paths.security)
  if (which.data === 'others') {
    await endMySessions(raised.actor, 'others')
    redirect(withQuery(paths.security, { done: 'sessions-ended' }))
  }
  if (which.data === 'all') {
    await endMySessions(raised.actor, 'all')
    await signOut('sign-out', null)
    redirect(withQuery(paths.signedOut, { reason: 'sign-out' }))
  }
  const ended = await endOtherSession(raised.actor.sessionToken, which.data)
  redirect(withQuery(paths.security, { done: ended ? 'session-ended' : null }))
}
