import { prismaClient } from '#lib/db/prisma-client.ts'
import { processKeyStore } from '#lib/keys/process-key-store.ts'
import { openRows } from '#lib/phi/open-rows.ts'
import { OperationContext, type Args, type BaseClient } from '#lib/phi/operation-context.ts'
import { planRead } from '#lib/phi/plan-read.ts'
import { recordModels } from '#lib/phi/record-client.ts'
import { modelOf } from '#lib/phi/registry.ts'
import type { RecordClient } from '#lib/phi/types.ts'
import { currentUnit } from '#lib/phi/unit.ts'
import { whereContext } from '#lib/phi/resolve-rows.ts'

/** Milliseconds of a unit's reads that the process was busy with, beside compiling the queries and waiting for them. */
export type ReadParts = { check: number; decrypt: number }

/** A record client that reads as the extension does, and notes how long each step of a read takes. */
export function timedRecord(parts: ReadParts): RecordClient {
  const base = prismaClient() as unknown as BaseClient
  const timed = async <T>(part: keyof ReadParts, work: () => Promise<T>): Promise<T> => {
    const start = performance.now()
    const value = await work()
    parts[part] += performance.now() - start
    return value
  }
  const read = (modelName: string, operation: string, list: boolean) => async (args: Args) => {
    const context = new OperationContext(currentUnit(), base, processKeyStore)
    const model = modelOf(modelName)
    const planned = await timed('check', async () =>
      planRead(context.unit, await whereContext(context, args), model, args, list),
    )
    const rows = await context.call(model, operation, planned.args)
    return timed('decrypt', () => openRows(context, planned.plan, rows))
  }
  const delegate = (modelName: string) => ({
    findUnique: read(modelName, 'findFirst', false),
    findFirst: read(modelName, 'findFirst', false),
    findMany: read(modelName, 'findMany', true),
  })
  return Object.fromEntries(
    recordModels.map((name) => [name, delegate(name.charAt(0).toUpperCase() + name.slice(1))]),
  ) as unknown as RecordClient
}
