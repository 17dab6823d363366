/** What holds for everybody of a role at the sign-in and after it, and how many people that is. */
export type RolePolicyView = {
  role: string
  roleName: string
  /** minutes without use after which a session has no power */
  idleMinutes: number
  maxSessions: number
  passkeyOnly: boolean
  changedAt: string | null
  people: number
  withoutPasskey: number
  openSessions: number
}

/** How far a clinic may go; the database holds the same (app.role_policy). */
export const policyLimits = { idleMinutes: [5, 15], maxSessions: [1, 8] } as const
