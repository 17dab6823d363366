import 'server-only'

import { headers } from 'next/headers'
import { notedClientAddress } from './client-address.ts'
import { deviceHash } from './known-device.ts'

/** Who is at the other end of this request, as far as it can be known. */
export type Client = {
  ip: string | null
  userAgent: string | null
  /** what this browser is known by where somebody was signed in with it before: failed tries are counted for it alone */
  device?: Buffer | null
}

/** Address, name and mark of the browser of the request that is being answered. */
export async function thisClient(): Promise<Client> {
  const given = await headers()
  return {
    ip: notedClientAddress(given),
    userAgent: given.get('user-agent')?.slice(0, 200) ?? null,
    device: await deviceHash(),
  }
}
