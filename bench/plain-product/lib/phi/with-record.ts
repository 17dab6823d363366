import 'server-only'

import { PrismaPg } from '@prisma/adapter-pg'
import { PrismaClient } from '#lib/db/generated/client.ts'
import { env } from '#lib/env.ts'
import type { Access, Outcome, RecordClient } from '#lib/phi/types.ts'
import type { Actor } from '#lib/policy/actor.ts'

/*
 * Takes the place of the door in the product that benchmarks are compared with: whatever is asked for is read by plain
 * Prisma from a copy in plain text, without admission, transaction, encryption or trail.
 */
const client = new PrismaClient({ adapter: new PrismaPg({ connectionString: env.databaseUrl, max: 16 }) })

export async function withRecord<T>(
  _actor: Actor,
  access: Access,
  work: (record: RecordClient, granted: string[]) => Promise<T>,
): Promise<Outcome<T>> {
  const patients = [...access.patients]
  return { kind: 'granted', value: await work(client as unknown as RecordClient, patients), patients }
}
