'use server'

import { requireActor } from '#lib/auth/require-actor.ts'
import { stepUp } from '#lib/auth/step-up.ts'
import { revealSsn } from '#lib/records/billing/reveal-ssn.ts'

export type SsnState = { kind: 'shown'; ssn: string } | { kind: 'problem'; message: string } | null

/** Shows the full number once, after a fresh one-time code; nothing keeps it. */
export async function showSsnAction(_: SsnState, data: FormData): Promise<SsnState> {
  const actor = await requireActor()
  const patientId = data.get('patient')
  if (typeof patientId !== 'string') return { kind: 'problem', message: 'Load the page again.' }
  const raised = await stepUp(actor, data, 'code')
  if (raised.kind === 'refused') return { kind: 'problem', message: raised.message }
  const outcome = await revealSsn(raised.actor, patientId)
  if (outcome.kind === 'denied') return { kind: 'problem', message: 'The number is not shown to you.' }
  return outcome.value === null
    ? { kind: 'problem', message: 'No number is recorded.' }
    : { kind: 'shown', ssn: outcome.value }
}
