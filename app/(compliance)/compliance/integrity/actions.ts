'use server'

import { redirect } from 'next/navigation'
import { requireActor } from '#lib/auth/require-actor.ts'
import { requestVerification } from '#lib/oversight/integrity/request-verification.ts'
import { paths, withQuery } from '#lib/paths.ts'

/** Asks for a check of the trail now: of everything, or of what is new. */
export async function verifyNowAction(data: FormData): Promise<void> {
  const actor = await requireActor('compliance')
  const answer = await requestVerification(actor, data.get('mode') === 'full' ? 'full' : 'since')
  redirect(withQuery(paths.complianceIntegrity, { done: answer }))
}
