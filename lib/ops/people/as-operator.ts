import 'server-only'
import { z } from 'zod'
import { endPools } from '#lib/db/pools.ts'
import { closeProcessKeyStore } from '#lib/keys/process-key-store.ts'
import { WrongUsage } from '#lib/ops/cli/command.ts'
import { withDatabases } from '#lib/ops/databases/with-databases.ts'
import type { Env } from '#lib/parse-env.ts'
import { asService } from '#lib/phi/service-actor.ts'
import type { Actor } from '#lib/policy/actor.ts'

/**
 * Administers people as the operator on the server, on the worker's login: the database writes the session down, and
 * each change under it. This is how a clinic without an administrator makes its first.
 */
export const asOperator = <T>(env: Env, work: (operator: Actor) => Promise<T>): Promise<T> =>
  withDatabases(env, async () => {
    try {
      return await asService('people', work)
    } finally {
      await endPools()
      await closeProcessKeyStore()
    }
  })

/** The one e-mail address that a verb is about. @throws WrongUsage */
export const oneEmail = (words: readonly string[]): string => {
  const email = z.email().safeParse(words[0]?.trim())
  if (words.length !== 1 || !email.success) throw new WrongUsage('Name one e-mail address.')
  return email.data
}
