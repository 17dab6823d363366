import 'server-only'

import { isIP } from 'node:net'

/**
 * What an address counts as, and the network around it: /32 and /24 of IPv4; /64, which is what one subscriber of IPv6 holds, and /48,
 * which is what a site holds (RFC 6177 §2).
 * @param clientIp null when it is not known: all of those are one
 */
export function addressRanges(clientIp: string | null): { address: string; network: string } {
  if (clientIp === null || isIP(clientIp) === 0) return { address: 'unknown', network: 'unknown' }
  if (isIP(clientIp) === 4) return { address: clientIp, network: clientIp.split('.').slice(0, 3).join('.') }
  const groups = ipv6Groups(clientIp)
  return { address: groups.slice(0, 4).join(':'), network: groups.slice(0, 3).join(':') }
}

/** The eight groups of an IPv6 address, written out (RFC 4291 §2.2); a dotted tail counts as two. */
function ipv6Groups(address: string): string[] {
  const plain = new URL(`http://[${address.replace(/%.*$/, '')}]`).hostname.slice(1, -1)
  const [head = '', tail] = plain.split('::')
  const left = head === '' ? [] : head.split(':')
  const right = tail === undefined || tail === '' ? [] : tail.split(':')
  return [...left, ...Array.from({ length: 8 - left.length - right.length }, () => '0'), ...right]
}
