'use server'

import { codeText, waitText } from '#lib/auth/refusal-text.ts'
import { requireActor } from '#lib/auth/require-actor.ts'
import { stepUp } from '#lib/auth/step-up.ts'
import { revealSsn } from '#lib/records/billing/reveal-ssn.ts'

export type SsnState = { kind: 'shown'; ssn: string } | { kind: 'problem'; message: string } | null

/** Shows the full number once, after a fresh one-time code; nothing keeps it. */
export async function showSsnAction(_: SsnState, data: FormData): Promise<SsnState> {
  const actor = await requireActor()
  const [patientId, code] = [data.get('patient'), data.get('code')]
  if (typeof patientId !== 'string' || typeof code !== 'string')
    return { kind: 'problem', message: 'Load the page again.' }
  const raised = await stepUp(actor, code.slice(0, 20))
  if (raised.kind === 'code-needed')
    return { kind: 'problem', message: 'Enter the code that your app shows now.' }
  if (raised.kind === 'wait') return { kind: 'problem', message: waitText(raised.seconds) }
  if (raised.kind !== 'fresh') return { kind: 'problem', message: codeText(raised.kind, 'totp') }
  const outcome = await revealSsn(actor, patientId)
  if (outcome.kind === 'denied') return { kind: 'problem', message: 'The number is not shown to you.' }
  return outcome.value === null
    ? { kind: 'problem', message: 'No number is recorded.' }
    : { kind: 'shown', ssn: outcome.value }
}
