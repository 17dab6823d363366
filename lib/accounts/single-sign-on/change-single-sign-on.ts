import 'server-only'

import { randomBytes } from 'node:crypto'
import { z } from 'zod'
import { invitedRoles } from '#lib/accounts/people/input.ts'
import { provenQuery } from '#lib/accounts/people/proven-query.ts'
import { scimTokenHash } from '#lib/auth/scim/admit-scim.ts'
import { RecordUnavailable } from '#lib/errors.ts'
import type { Actor } from '#lib/policy/actor.ts'

const id = z.uuid()
const role = z.enum(invitedRoles)

/** One change of how staff sign in through the provider. */
export const singleSignOnChange = z.discriminatedUnion('what', [
  z.object({
    what: z.literal('add-word'),
    word: z.string().trim().min(1, 'Enter a word of the provider').max(200, 'Enter at most 200 characters'),
    role: z.enum(invitedRoles, 'Choose a role'),
  }),
  z.object({ what: z.literal('remove-word'), of: id }),
  z.object({ what: z.enum(['provider-only', 'both-ways']), of: role }),
  z.object({ what: z.enum(['set-emergency', 'end-emergency']), of: id }),
  z.object({ what: z.literal('unlink'), of: id }),
  z.object({ what: z.literal('make-token') }),
  z.object({ what: z.literal('end-token'), of: id }),
])
export type SingleSignOnChange = z.infer<typeof singleSignOnChange>

/** A token to be shown once, or the database's word for what became of the change. */
export type SingleSignOnOutcome = { kind: 'token'; token: string } | { kind: 'said'; word: string }

/**
 * Changes how staff sign in through the provider. The database asks for a fresh second factor (stepUp first), refuses whatever would
 * leave nobody a way in or change one's own, and writes the security event.
 * @throws RecordUnavailable when it refuses or does not answer
 */
export async function changeSingleSignOn(
  actor: Actor,
  change: SingleSignOnChange,
): Promise<SingleSignOnOutcome> {
  if (change.what === 'make-token') {
    const token = randomBytes(32).toString('base64url')
    await say(actor, 'scim_token_make($1, $2)', [scimTokenHash(token)])
    return { kind: 'token', token }
  }
  return { kind: 'said', word: await apply(actor, change) }
}

function apply(actor: Actor, change: Exclude<SingleSignOnChange, { what: 'make-token' }>): Promise<string> {
  switch (change.what) {
    case 'add-word':
      return say(actor, 'role_claim_add($1, $2, $3)', [change.word, change.role])
    case 'remove-word':
      return say(actor, 'role_claim_remove($1, $2)', [change.of])
    case 'provider-only':
    case 'both-ways':
      return say(actor, 'role_federation_set($1, $2, $3)', [change.of, change.what === 'provider-only'])
    case 'set-emergency':
    case 'end-emergency':
      return say(actor, 'emergency_administrator_set($1, $2, $3)', [
        change.of,
        change.what === 'set-emergency',
      ])
    case 'unlink':
      return say(actor, 'federated_identity_unlink($1, $2)', [change.of])
    case 'end-token':
      return say(actor, 'scim_token_end($1, $2)', [change.of])
  }
}

async function say(actor: Actor, call: string, values: readonly unknown[]): Promise<string> {
  try {
    return await provenQuery<string>(actor, `app.${call}::text`, values)
  } catch (cause) {
    throw new RecordUnavailable('how staff sign in could not be changed', { cause })
  }
}
