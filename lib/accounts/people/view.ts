/** One member of staff as an administrator sees them. */
export type PersonView = {
  accountId: string
  name: string
  jobTitle: string
  role: string
  roleName: string
  email: string
  status: 'invited' | 'active' | 'deactivated' | 'locked'
  hasSecondFactor: boolean
  createdAt: string
  lastSignInAt: string | null
  openSessions: number
  /** failed sign-ins keep the person out, until a time or (null) until somebody unlocks the account */
  signInBlocked: { until: string | null } | null
}

/** A sign-in of a member of staff. */
export type StaffSessionView = {
  sessionId: string
  accountId: string
  name: string
  roleName: string
  openedAt: string
  lastActiveAt: string
  endedAt: string | null
  endReason: string | null
  clientIp: string | null
  /** "Chrome on Windows", as the browser says of itself; null when it said nothing */
  browser: string | null
  isActive: boolean
  isCurrent: boolean
}

/** People who use the portal as patients or proxies: numbers, never names. */
export type PortalCountView = { roleName: string; accounts: number; openSessions: number }

/** What became of somebody's access after it was taken away. */
export type LeaverClock = {
  /** when the account was closed, given another role, or reached its last day, ISO 8601 */
  shutAt: string
  by: 'closing' | 'new-role' | 'last-day'
  /** what sessions from before were still allowed; anything but 0 is an incident */
  allowedAfter: number
  /** the first attempt that was refused, and how long after, in milliseconds; null when nobody tried */
  firstRefused: { at: string; afterMilliseconds: number } | null
  refused: number
}

/** When a member of staff's access ends by itself. */
export type EmploymentEnd = {
  /** the last day of work by the clinic's clock, `YYYY-MM-DD` */
  lastDay: string
  /** ISO 8601 */
  endsAt: string
}

/** A colleague whose sign-in is to be set up anew, when a second administrator agrees. */
export type StaffRecoveryView = {
  requestId: string
  accountId: string
  name: string
  roleName: string
  reason: 'lost-factors' | 'forgot-password' | 'locked'
  askedBy: string
  /** ISO 8601 */
  askedAt: string
  expiresAt: string
  /** false for who asked, and for whom it is about */
  mayAgree: boolean
}
