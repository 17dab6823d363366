import 'server-only'

import { createHmac } from 'node:crypto'
import { isIP } from 'node:net'
import { sessionSecret } from '#lib/auth/session-secret.ts'

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
  const [address, network] = rangesOf(clientIp)
  return {
    address: digest(`address ${address}`),
    network: digest(`network ${network}`),
    ...(subject === undefined ? {} : { subject: digest(`subject ${subject}`) }),
  }
}

function digest(text: string): string {
  return createHmac('sha256', sessionSecret('limits')).update(text).digest('base64url')
}

/** The address and the network around it: /32 and /24, or /64 and /48. */
function rangesOf(clientIp: string | null): [address: string, network: string] {
  if (clientIp === null || isIP(clientIp) === 0) return ['unknown', 'unknown']
  if (isIP(clientIp) === 4) return [clientIp, clientIp.split('.').slice(0, 3).join('.')]
  const groups = ipv6Groups(clientIp)
  return [groups.slice(0, 4).join(':'), groups.slice(0, 3).join(':')]
}

/** The eight groups of an IPv6 address, written out (RFC 4291 §2.2); a dotted tail counts as two. */
function ipv6Groups(address: string): string[] {
  const plain = new URL(`http://[${address.replace(/%.*$/, '')}]`).hostname.slice(1, -1)
  const [head = '', tail] = plain.split('::')
  const left = head === '' ? [] : head.split(':')
  const right = tail === undefined || tail === '' ? [] : tail.split(':')
  return [...left, ...Array.from({ length: 8 - left.length - right.length }, () => '0'), ...right]
}
