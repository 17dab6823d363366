import { expect, test } from 'vitest'
import { addressRanges } from './address-ranges.ts'

test.each([
  ['192.0.2.9', '192.0.2.9', '192.0.2'],
  ['2001:db8::1', '2001:db8:0:0', '2001:db8:0'],
  ['2001:0DB8:0000:0007::1', '2001:db8:0:7', '2001:db8:0'],
  ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2', '2001:db8:1'],
  ['::1', '0:0:0:0', '0:0:0'],
  ['::', '0:0:0:0', '0:0:0'],
  ['fe80::1%eth0', 'fe80:0:0:0', 'fe80:0:0'],
  ['64:ff9b::192.0.2.1', '64:ff9b:0:0', '64:ff9b:0'],
  ['no address', 'unknown', 'unknown'],
  [null, 'unknown', 'unknown'],
])('%s counts as %s within %s', (ip, address, network) => {
  expect(addressRanges(ip)).toEqual({ address, network })
})
