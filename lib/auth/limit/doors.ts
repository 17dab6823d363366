import 'server-only'

/** How often somebody may try at a door before they have to wait: within an hour, by each of the three. */
type DoorLimits = {
  /** one IPv4 address, or the /64 that a subscriber of IPv6 has (RFC 6177) */
  address: number
  /** the /24 or the /48 around it: somebody who has many addresses has them side by side */
  network: number
  /** whatever the caller counts besides: the account, the code, the token that is tried */
  subject: number
}

/**
 * The doors that are open to somebody without a session, or behind which a wrong word could be tried again and again. Many people
 * of a clinic share one address: a limit must leave room for all of them.
 */
export const doors = {
  recovery: { address: 30, network: 120, subject: 5 },
  activation: { address: 30, network: 120, subject: 10 },
  invitation: { address: 30, network: 120, subject: 10 },
  sso: { address: 60, network: 240, subject: 20 },
  scim: { address: 30, network: 120, subject: 30 },
  'mail-change': { address: 30, network: 120, subject: 10 },
  passkey: { address: 60, network: 240, subject: 30 },
  'this-wasnt-me': { address: 30, network: 120, subject: 10 },
} as const satisfies Record<string, DoorLimits>

export type Door = keyof typeof doors
