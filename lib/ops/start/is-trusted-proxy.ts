import 'server-only'
import { BlockList, isIPv6 } from 'node:net'

const family = (address: string): 'ipv4' | 'ipv6' => (isIPv6(address) ? 'ipv6' : 'ipv4')

/** Whether an address is one of the proxies named in TRUSTED_PROXY (addresses or CIDR ranges). */
export const isTrustedProxy = (address: string, trustedProxies: readonly string[]): boolean => {
  const list = new BlockList()
  for (const entry of trustedProxies) {
    const [ip = '', bits] = entry.split('/')
    if (bits === undefined) list.addAddress(ip, family(ip))
    else list.addSubnet(ip, Number(bits), family(ip))
  }
  return address !== '' && list.check(address, family(address))
}
