import 'server-only'

import { createHmac } from 'node:crypto'
import { sessionSecret } from '#lib/auth/session-secret.ts'
import { addressRanges } from './address-ranges.ts'

/**
 * What an attempt is counted by. Keyed digests: the table of limits names no address and no person. The key comes from the session
 * secret, so all web processes count together, and counts begin anew when that secret is changed.
 * @param clientIp null when it is not known: all of those share one count
 * @param subject what else is counted, such as an account's id; never stored as it is
 */
export function limitKeys(
  clientIp: string | null,
  subject?: string,
): { address: string; network: string; subject?: string } {
  const { address, network } = addressRanges(clientIp)
  return {
    address: digest(`address ${address}`),
    network: digest(`network ${network}`),
    ...(subject === undefined ? {} : { subject: digest(`subject ${subject}`) }),
  }
}

function digest(text: string): string {
  return createHmac('sha256', sessionSecret('limits')).update(text).digest('base64url')
}
