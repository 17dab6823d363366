'use server'

import { redirect } from 'next/navigation'
import type { FieldError } from '#components/ui/field-error.ts'
import {
  rolePolicyInput,
  setRolePolicy,
  type PolicySaved,
} from '#lib/accounts/role-policies/set-role-policy.ts'
import { requireActor } from '#lib/auth/require-actor.ts'
import type { AskedFactors } from '#lib/auth/second-factors.ts'
import { stepUp } from '#lib/auth/step-up.ts'
import { paths, withQuery } from '#lib/paths.ts'

export type PolicyState = {
  errors: FieldError[]
  asks: AskedFactors
  values: { idleMinutes: string; maxSessions: string; passkeyOnly: boolean } | null
}

/** Sets how long and how often people of one role may be signed in, and by what, after a fresh second factor. */
export async function saveRolePolicy(before: PolicyState, form: FormData): Promise<PolicyState> {
  const actor = await requireActor('admin')
  const text = (name: string): string => {
    const value = form.get(name)
    return typeof value === 'string' ? value.slice(0, 20) : ''
  }
  const role = text('role')
  const field = (name: string): string => `${name}-${role}`
  const values = {
    idleMinutes: text(field('idleMinutes')),
    maxSessions: text(field('maxSessions')),
    passkeyOnly: text(field('passkeyOnly')) === 'yes',
  }
  const input = rolePolicyInput.safeParse({ role, ...values })
  if (!input.success)
    return {
      errors: input.error.issues.map(({ path, message }) => ({ field: field(String(path[0])), message })),
      asks: before.asks,
      values,
    }
  const raised = await stepUp(actor, form, field('code'))
  if (raised.kind === 'refused')
    return { errors: [{ field: field('code'), message: raised.message }], asks: raised.asks, values }
  const outcome = await setRolePolicy(raised.actor, input.data)
  if (outcome !== 'saved' && outcome !== 'unchanged')
    return { errors: [{ field: field('passkeyOnly'), message: refusals[outcome] }], asks: false, values }
  redirect(withQuery(paths.adminSettings, { done: outcome, role }))
}

const refusals: Readonly<Record<Exclude<PolicySaved, 'saved' | 'unchanged'>, string>> = {
  'no-passkey':
    'Add a passkey of your own first, on “Sign-in and security”: you could not sign in otherwise.',
  'beyond-limits': 'Nothing beyond what Vigil allows can be saved: look at the numbers again.',
  'no-role': 'Load the page again.',
}
