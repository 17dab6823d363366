import 'server-only'

import { z } from 'zod'
import { provenQuery } from '#lib/accounts/people/proven-query.ts'
import type { Actor } from '#lib/policy/actor.ts'
import { personRoles } from '#lib/policy/roles.ts'
import { policyLimits } from './view.ts'

const within = ([least, most]: readonly [number, number], message: string) =>
  z.coerce.number(message).int(message).min(least, message).max(most, message)

/** What an administrator may ask for: text as a form sends it. */
export const rolePolicyInput = z.object({
  role: z.enum(personRoles, 'Load the page again'),
  idleMinutes: within(policyLimits.idleMinutes, 'Enter a number of minutes from 5 to 15'),
  maxSessions: within(policyLimits.maxSessions, 'Enter a number from 1 to 8'),
  passkeyOnly: z.boolean(),
})

export type PolicySaved = 'saved' | 'unchanged' | 'no-passkey' | 'beyond-limits' | 'no-role'

/**
 * Sets the limits of a role, from the next access of everybody who has it. The database asks for a fresh second factor and holds the
 * limits (45 CFR 164.312(a)(2)(iii); SP 800-63B-4 2.2.3).
 * @throws SecondFactorTooOld (stepUp first)
 */
export function setRolePolicy(actor: Actor, input: z.infer<typeof rolePolicyInput>): Promise<PolicySaved> {
  return provenQuery<PolicySaved>(actor, 'app.role_policy_set($1, $2, $3, $4, $5)', [
    input.role,
    input.idleMinutes,
    input.maxSessions,
    input.passkeyOnly,
  ])
}
