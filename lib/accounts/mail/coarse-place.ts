import 'server-only'

import { isIP } from 'node:net'

/**
 * Where a sign-in came from, as far as an address tells without asking anybody: its network, so that a person can see whether it
 * is the same as last time. Nothing when it is not known.
 */
export function coarsePlace(clientIp: string | null): string | null {
  if (clientIp === null) return null
  const address = clientIp.replace(/\/\d+$/, '')
  if (isIP(address) === 4) {
    const [first, second, third] = address.split('.')
    if (first === '127') return 'this computer'
    const isPrivate = first === '10' || (first === '192' && second === '168') || (first === '172' && Number(second) >= 16 && Number(second) <= 31) // prettier-ignore
    return isPrivate
      ? 'a private network, such as the clinic’s own'
      : `an address that begins with ${first}.${second}.${third}`
  }
  if (isIP(address) !== 6) return null
  if (address === '::1') return 'this computer'
  return `an address that begins with ${address.split(':').slice(0, 3).join(':')}`
}
