import 'server-only'

import { prismaClient } from '#lib/db/prisma-client.ts'
import { processKeyStore } from '#lib/keys/process-key-store.ts'
import { withEncryption } from './extension.ts'
import { operations, recordModels, type Operation, type RecordClient } from './record-client.ts'
import { modelOf } from './registry.ts'
import { stripError } from './strip-error.ts'
import type { Args, BaseClient } from './operation-context.ts'

let encrypted: BaseClient | undefined

function client(): BaseClient {
  encrypted ??= withEncryption(prismaClient(), processKeyStore) as unknown as BaseClient
  return encrypted
}

/*
 * An extended client leads back to the client without its extension (`$parent`, on the client, on every delegate and in every
 * transaction), and what a find returns has a method per relation that goes around it. So neither is handed out: only
 * functions are, one per model and operation, and they return plain promises.
 */
function delegate(modelName: string): Readonly<Record<Operation, (args?: Args) => Promise<unknown>>> {
  const { delegate: name } = modelOf(modelName)
  const calls = operations.map((operation) => {
    const call = async (args?: Args): Promise<unknown> => {
      try {
        return await client()[name]?.[operation]?.(args ?? {})
      } catch (error) {
        throw stripError(error, modelName)
      }
    }
    return [operation, call] as const
  })
  return Object.freeze(Object.fromEntries(calls)) as Readonly<
    Record<Operation, (args?: Args) => Promise<unknown>>
  >
}

/** What a unit of work may call. It works inside a unit only, and for that unit only. */
export const recordClient = Object.freeze(
  Object.fromEntries(
    recordModels.map((name) => [name, delegate(name.charAt(0).toUpperCase() + name.slice(1))]),
  ),
) as unknown as RecordClient
