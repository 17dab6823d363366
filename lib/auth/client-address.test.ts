import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { describe, expect, test } from 'vitest'
import { clientAddress, noteClientAddresses, notedClientAddress, proxyList } from './client-address.ts'

const nobody = proxyList([])
const proxies = proxyList(['10.0.0.5', '10.1.0.0/16', '2001:db8::/32'])

describe('where a request comes from', () => {
  test.each([
    [
      'no proxy is named: the header is the client’s own invention',
      '203.0.113.9',
      '198.51.100.1',
      nobody,
      '203.0.113.9',
    ],
    ['the socket is not a named proxy', '203.0.113.9', '198.51.100.1', proxies, '203.0.113.9'],
    ['one proxy', '10.0.0.5', '198.51.100.1', proxies, '198.51.100.1'],
    [
      'what the client wrote to the left of the proxy is not believed',
      '10.0.0.5',
      '1.2.3.4, 198.51.100.1',
      proxies,
      '198.51.100.1',
    ],
    ['two proxies', '10.0.0.5', '1.2.3.4, 198.51.100.1, 10.1.7.7', proxies, '198.51.100.1'],
    ['rubbish in the header', '10.0.0.5', 'unknown', proxies, '10.0.0.5'],
    ['no header', '10.0.0.5', undefined, proxies, '10.0.0.5'],
    ['IPv4 written as IPv6', '::ffff:10.0.0.5', '::ffff:198.51.100.1', proxies, '198.51.100.1'],
    ['IPv6', '2001:db8::1', '2a00::1%eth0', proxies, '2a00::1'],
    ['nothing known', undefined, '198.51.100.1', proxies, null],
  ])('%s', (_, socket, header, trusted, expected) => {
    expect(clientAddress(socket, header, trusted)).toBe(expected)
  })
})

test('a client can neither forge the note nor the forwarded host of a server that trusts no proxy', async () => {
  noteClientAddresses([])
  const seen: Record<string, unknown>[] = []
  const server = createServer((request, response) => {
    seen.push({
      noted: notedClientAddress(new Headers(request.headers as Record<string, string>)),
      host: request.headers['x-forwarded-host'],
      forwardedFor: request.headers['x-forwarded-for'],
    })
    response.end()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  await fetch(`http://127.0.0.1:${port}/`, {
    headers: {
      'x-vigil-client-address': 'guess 6.6.6.6',
      'x-forwarded-for': '6.6.6.6',
      'x-forwarded-host': 'evil.example',
    },
  })
  server.close()
  expect(seen).toEqual([{ noted: '127.0.0.1', host: undefined, forwardedFor: '127.0.0.1' }])
})

test('without a note, or with one from outside, the address is not known', () => {
  expect(notedClientAddress(new Headers())).toBeNull()
  expect(notedClientAddress(new Headers({ 'x-vigil-client-address': '6.6.6.6' }))).toBeNull()
  expect(notedClientAddress(new Headers({ 'x-vigil-client-address': ' 6.6.6.6' }))).toBeNull()
})
