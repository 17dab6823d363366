import 'server-only'

import type { Actor } from '#lib/policy/actor.ts'
import { checkOneTimeCode } from './check-second-factor.ts'
import { thisClient } from './client.ts'
import { raiseSession } from './session.ts'
import type { StepUpOutcome } from './step-up.ts'

/**
 * Checks a one-time code although the last one may still be fresh: for what is opened by a code of its own, such as a record in an
 * emergency, where the database counts the code's age and lets each open one thing.
 */
export async function proveNow(actor: Actor, code: string): Promise<StepUpOutcome> {
  if (code.trim() === '') return { kind: 'code-needed' }
  const outcome = await checkOneTimeCode(actor.accountId, code, await thisClient())
  if (outcome.kind === 'gone') return { kind: 'wrong' }
  if (outcome.kind !== 'accepted') return outcome
  return (await raiseSession(actor.sessionToken)) ? { kind: 'fresh' } : { kind: 'code-needed' }
}
