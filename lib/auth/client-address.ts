import 'server-only'

import { randomBytes } from 'node:crypto'
import diagnostics from 'node:diagnostics_channel'
import type { IncomingMessage } from 'node:http'
import { BlockList, isIP } from 'node:net'
import type { Socket } from 'node:net'

const header = 'x-vigil-client-address'
const keySymbol = Symbol.for('vigil.client-address-key')

/**
 * Notes on every request where it really came from, before anything else sees it: next hides the socket and believes
 * an X-Forwarded-For that the client made up. The note carries a random word of this process, so that a client cannot
 * write one itself. To be called once, when the web process starts.
 * @param trustedProxies addresses or CIDR ranges whose X-Forwarded-For is believed
 */
export function noteClientAddresses(trustedProxies: readonly string[]): void {
  const trusted = proxyList(trustedProxies)
  const key = processKey()
  diagnostics.subscribe('http.server.request.start', (message) => {
    const { request, socket } = message as { request: IncomingMessage; socket: Socket }
    const address = clientAddress(socket.remoteAddress, request.headers['x-forwarded-for'], trusted)
    request.headers['x-forwarded-for'] = address ?? ''
    request.headers[header] = `${key} ${address ?? ''}`
    if (!isTrusted(trusted, socket.remoteAddress)) {
      delete request.headers['x-forwarded-host']
      delete request.headers['x-forwarded-proto']
      delete request.headers['forwarded']
    }
  })
}

/** The address that was noted on a request, or null where none was (a test, or a request before start-up was over). */
export function notedClientAddress(headers: Pick<Headers, 'get'>): string | null {
  const [key, address = ''] = (headers.get(header) ?? '').split(' ')
  return key === processKey() && isIP(address) !== 0 ? address : null
}

/**
 * Who is at the other end: the socket, or behind trusted proxies the last address that they did not add themselves.
 * What the client wrote further to the left is never believed.
 */
export function clientAddress(
  socketAddress: string | undefined,
  forwardedFor: string | string[] | undefined,
  trusted: BlockList,
): string | null {
  const hops = (Array.isArray(forwardedFor) ? forwardedFor.join(',') : (forwardedFor ?? '')).split(',')
  let address = plainAddress(socketAddress)
  while (address !== null && isTrusted(trusted, address) && hops.length > 0) {
    const next = plainAddress(hops.pop()?.trim())
    if (next === null) break
    address = next
  }
  return address
}

/** @param proxies addresses or CIDR ranges, already checked by lib/env.ts */
export function proxyList(proxies: readonly string[]): BlockList {
  const list = new BlockList()
  for (const proxy of proxies) {
    const [address = '', bits] = proxy.split('/')
    const family = isIP(address) === 6 ? 'ipv6' : 'ipv4'
    if (bits === undefined) list.addAddress(address, family)
    else list.addSubnet(address, Number(bits), family)
  }
  return list
}

function isTrusted(trusted: BlockList, address: string | undefined): boolean {
  const plain = plainAddress(address)
  return plain !== null && trusted.check(plain, isIP(plain) === 6 ? 'ipv6' : 'ipv4')
}

/** An address as Postgres's inet takes it: IPv4 inside IPv6 written plainly, no zone. */
function plainAddress(address: string | undefined): string | null {
  const plain = (address ?? '').replace(/^::ffff:(?=\d+\.\d+\.\d+\.\d+$)/i, '').replace(/%.*$/, '')
  return isIP(plain) === 0 ? null : plain
}

/** One random word for the process, shared by all copies of this module that the bundler makes. */
function processKey(): string {
  const shared = globalThis as { [keySymbol]?: string }
  shared[keySymbol] ??= randomBytes(16).toString('base64url')
  return shared[keySymbol]
}
