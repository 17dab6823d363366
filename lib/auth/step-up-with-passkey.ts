import 'server-only'

import type { Actor } from '#lib/policy/actor.ts'
import { thisClient } from './client.ts'
import { checkPasskey } from './passkey/check-passkey.ts'
import { codeText, waitText } from './refusal-text.ts'
import { raiseSession } from './session.ts'
import type { StepUpOutcome } from './step-up.ts'

export type PasskeyStepUp =
  { kind: 'fresh' } | { kind: 'wrong-passkey' | 'wrong' | 'start-again' } | { kind: 'wait'; seconds: number }

/** The same as a fresh one-time code, by one of the person's own passkeys. @param answer JSON as the browser gave it */
export async function stepUpWithPasskey(actor: Actor, answer: string): Promise<PasskeyStepUp> {
  const outcome = await checkPasskey('step-up', answer, await thisClient(), actor.accountId)
  if (outcome.kind === 'wrong') return { kind: 'wrong-passkey' }
  if (outcome.kind !== 'accepted') return outcome
  return (await raiseSession(actor.sessionToken, 'passkey')) ? { kind: 'fresh' } : { kind: 'start-again' }
}

/** What is said when a fresh second factor is missing or was not right. */
export function stepUpText(outcome: Exclude<StepUpOutcome | PasskeyStepUp, { kind: 'fresh' }>): string {
  switch (outcome.kind) {
    case 'code-needed':
      return 'Enter a one-time code from your app'
    case 'wait':
      return waitText(outcome.seconds)
    case 'wrong-passkey':
      return 'This passkey is not one of yours. Use another, or a one-time code.'
    case 'start-again':
      return 'That took longer than we may wait. Press the button again.'
    case 'wrong':
    case 'used':
      return codeText(outcome.kind, 'totp')
  }
}
