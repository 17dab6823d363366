import type { invitedRoles } from '#lib/accounts/people/input.ts'

export type StaffRole = (typeof invitedRoles)[number]

/** How staff sign in through the identity provider, as an administrator sees it; times in ISO 8601. Of no patient is anything here. */
export type SingleSignOnView = {
  /** null without a provider in the settings */
  provider: {
    issuer: string
    clientId: string
    roleClaim: string | null
    /** values of acr and amr that count as a second factor */
    secondFactor: readonly string[]
  } | null
  /** addresses to be registered at the provider */
  addresses: { redirect: string; logout: string; scim: string }
  /** the table of roles, in its order */
  roleClaims: readonly { id: string; word: string; role: StaffRole }[]
  roles: readonly { role: StaffRole; providerOnly: boolean }[]
  administrators: readonly { accountId: string; name: string; isEmergency: boolean; isSelf: boolean }[]
  scimTokens: readonly { id: string; madeAt: string; expiresAt: string; lastUsedAt: string | null }[]
  linked: readonly { id: string; name: string; role: StaffRole; lastUsedAt: string }[]
}
