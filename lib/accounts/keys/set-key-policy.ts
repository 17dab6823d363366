import 'server-only'

import { provenQuery } from '#lib/accounts/people/proven-query.ts'
import { RecordUnavailable } from '#lib/errors.ts'
import type { Actor } from '#lib/policy/actor.ts'
import type { KeyPolicyInput } from './input.ts'

/**
 * Sets how old kinds of keys may become. The database asks for a fresh second factor (stepUp first), holds the bounds, and
 * writes a security event for each that really changed.
 * @returns kinds that were refused, because they go beyond what Vigil allows
 * @throws RecordUnavailable when the database refuses or does not answer
 */
export async function setKeyPolicy(actor: Actor, input: KeyPolicyInput): Promise<string[]> {
  const refused: string[] = []
  try {
    for (const { kind, days, reminderDays } of input) {
      const done = await provenQuery<boolean>(actor, 'app.key_policy_set($1, $2, $3, $4, $5)', [
        kind,
        days,
        reminderDays,
        actor.clientIp,
      ])
      if (!done) refused.push(kind)
    }
    return refused
  } catch (cause) {
    throw new RecordUnavailable('the schedule of keys could not be changed', { cause })
  }
}
