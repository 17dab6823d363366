import 'server-only'

import type { Actor } from '#lib/policy/actor.ts'
import { checkOneTimeCode } from './check-second-factor.ts'
import { thisClient } from './client.ts'
import { hasFreshSecondFactor } from './my-security.ts'
import { raiseSession } from './session.ts'

export type StepUpOutcome =
  | { kind: 'fresh' }
  /** the last code is more than five minutes old, and none was given */
  | { kind: 'code-needed' }
  | { kind: 'wrong' | 'used' }
  | { kind: 'wait'; seconds: number }

/**
 * Makes sure that the person at the keyboard has shown their second factor in the last five minutes, before something
 * is changed that would lock them out or let somebody else in (ASVS 5.0 7.5.1, 7.5.3).
 */
export async function stepUp(actor: Actor, code: string): Promise<StepUpOutcome> {
  if (await hasFreshSecondFactor(actor)) return { kind: 'fresh' }
  if (code.trim() === '') return { kind: 'code-needed' }
  const outcome = await checkOneTimeCode(actor.accountId, code, await thisClient())
  if (outcome.kind === 'gone') return { kind: 'wrong' }
  if (outcome.kind !== 'accepted') return outcome
  return (await raiseSession(actor.sessionToken)) ? { kind: 'fresh' } : { kind: 'code-needed' }
}
