import 'server-only'

import { PrismaClient } from './generated/client.ts'
import { unitAdapter } from './unit-adapter.ts'

let client: PrismaClient | undefined

/**
 * The one Prisma client of this process, without encryption: for lib/phi, which wraps it, and for nobody else. Its
 * errors quote arguments whatever the format, so they never leave lib/phi as they are.
 */
export function prismaClient(): PrismaClient {
  client ??= new PrismaClient({ adapter: unitAdapter(), errorFormat: 'minimal', log: [] })
  return client
}
