/** Tries to get in that failed, as an administrator sees them. */
export type SignInReport = {
  unit: 'hour' | 'day'
  /** intervals without a gap; startsAt on the clinic's wall clock, `YYYY-MM-DDTHH:mm`. `refused` of them were turned away unchecked */
  bars: { startsAt: string; entries: number; refused: number }[]
  sources: SignInSource[]
  held: HeldAccount[]
  /** how many people who use the portal are kept waiting or locked; who, no administrator sees */
  heldPortalAccounts: number
}

/** A network that tries came from, and what it did. */
export type SignInSource = {
  /** the /24 of IPv4 or the /48 of IPv6; null when the address was not known */
  network: string | null
  tries: number
  turnedAway: number
  addresses: number
  /** accounts that exist among those tried */
  accounts: number
  lastAt: string
}

/** A member of staff who is kept waiting by failed tries, or whose account is locked. */
export type HeldAccount = {
  accountId: string
  name: string
  roleName: string
  /** failed tries in a row; null where the account is locked for another reason */
  failures: number | null
  /** until when browsers that the account is not known by have to wait; null: until somebody lets them in again */
  until: string | null
  /** "this wasn't me" was pressed in a letter */
  isLocked: boolean
  /** nobody unlocks their own account */
  isOwn: boolean
}
