import 'server-only'

import { z } from 'zod'
import { invitedRoles } from '#lib/accounts/people/input.ts'
import { peopleQuery } from '#lib/accounts/people/people-query.ts'
import { env } from '#lib/env.ts'
import { RecordUnavailable } from '#lib/errors.ts'
import type { Actor } from '#lib/policy/actor.ts'
import type { SingleSignOnView } from './view.ts'

const role = z.enum(invitedRoles)
const roleClaim = z.object({ id: z.uuid(), claim_value: z.string(), role })
const federation = z.object({ role, provider_only: z.boolean() })
const administrator = z.object({
  account_id: z.uuid(),
  display_name: z.string(),
  is_emergency: z.boolean(),
  is_self: z.boolean(),
})
const token = z.object({
  id: z.uuid(),
  made_at: z.date(),
  expires_at: z.date(),
  last_used_at: z.date().nullable(),
})
const linked = z.object({
  id: z.uuid(),
  display_name: z.string(),
  role,
  last_used_at: z.date(),
})

/** How staff sign in through the identity provider. @throws RecordUnavailable when the database refuses or does not answer */
export async function readSingleSignOn(actor: Actor): Promise<SingleSignOnView> {
  const ask = async <Shape extends z.ZodType>(shape: Shape, name: string): Promise<z.infer<Shape>[]> =>
    (await peopleQuery(actor, `SELECT * FROM app.${name}($1)`)).map((row) => shape.parse(row))
  try {
    const [claims, roles, administrators, tokens, people] = [
      await ask(roleClaim, 'role_claims'),
      await ask(federation, 'role_federations'),
      await ask(administrator, 'emergency_administrators'),
      await ask(token, 'scim_tokens'),
      await ask(linked, 'federated_identities'),
    ]
    const settings = env.singleSignOn
    return {
      provider:
        settings === undefined
          ? null
          : {
              issuer: settings.issuer,
              clientId: settings.clientId,
              roleClaim: settings.roleClaim ?? null,
              secondFactor: [
                ...settings.mfaAcr.map((value) => `acr ${value}`),
                ...settings.mfaAmr.map((value) => `amr ${value}`),
              ],
            },
      addresses: {
        redirect: `${env.url}/api/auth/callback/oidc`,
        logout: `${env.url}/api/sso/logout`,
        scim: `${env.url}/api/scim/v2`,
      },
      roleClaims: claims.map(({ id, claim_value: word, role: of }) => ({ id, word, role: of })),
      roles: roles.map(({ role: of, provider_only: providerOnly }) => ({ role: of, providerOnly })),
      administrators: administrators.map((one) => ({
        accountId: one.account_id,
        name: one.display_name,
        isEmergency: one.is_emergency,
        isSelf: one.is_self,
      })),
      scimTokens: tokens.map((one) => ({
        id: one.id,
        madeAt: one.made_at.toISOString(),
        expiresAt: one.expires_at.toISOString(),
        lastUsedAt: one.last_used_at?.toISOString() ?? null,
      })),
      linked: people.map((one) => ({
        id: one.id,
        name: one.display_name,
        role: one.role,
        lastUsedAt: one.last_used_at.toISOString(),
      })),
    }
  } catch (cause) {
    throw new RecordUnavailable('how staff sign in could not be read', { cause })
  }
}
