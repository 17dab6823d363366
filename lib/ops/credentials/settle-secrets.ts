import 'server-only'
import { existsSync, statSync } from 'node:fs'
import path from 'node:path'
import { nowMilliseconds } from '#lib/clock.ts'
import { openClient, passwordUsedBy } from '#lib/db/open-client.ts'
import { homeOwner, lockHome } from '#lib/ops/home/lock.ts'
import type { Env } from '#lib/parse-env.ts'
import { formerSecretSeconds, readSecretLines, writeSecretLines } from '#lib/secret-file.ts'
import { type LoginCredential, listCredentials } from './list-credentials.ts'

/** Where the one that changes secrets keeps others out. */
export const secretsOf = (home: string): string => path.join(home, 'secrets')

const linesOf = (file: string): string[] => (existsSync(file) ? readSecretLines(file) : [])

/** Files with a second line: a change of the password that was cut short. */
export const unfinishedChanges = (env: Env): LoginCredential[] =>
  listCredentials(env).logins.filter(({ file }) => linesOf(file).length > 1)

/** Whether the session secret's file still holds the former one, though nothing sealed with that is accepted any more. */
export const holdsExpiredSecret = (file: string): boolean =>
  linesOf(file).length > 1 && nowMilliseconds() - statSync(file).mtimeMs > formerSecretSeconds * 1000

const settle = async (credential: LoginCredential): Promise<void> => {
  const client = await openClient(credential.url)
  const right = passwordUsedBy(client)?.password
  await client.end()
  if (right !== undefined) writeSecretLines(credential.file, [right])
}

/**
 * Tidies up after a change of secrets that was cut short: whichever of two passwords the server takes is the one that
 * stays. Takes out a former session secret whose time has run out. Does nothing while a change is under way.
 * The databases must be up.
 * @returns names of the logins that were settled
 */
export const settleSecrets = async (env: Env): Promise<string[]> => {
  const { sessionFile } = listCredentials(env)
  const wantsWork =
    unfinishedChanges(env).length > 0 || (sessionFile !== undefined && holdsExpiredSecret(sessionFile))
  if (!wantsWork || homeOwner(secretsOf(env.home)) !== undefined) return []
  const lock = await lockHome(secretsOf(env.home), 'command', 30)
  try {
    const unfinished = unfinishedChanges(env)
    for (const credential of unfinished) await settle(credential)
    if (sessionFile !== undefined && holdsExpiredSecret(sessionFile)) {
      const [present] = readSecretLines(sessionFile)
      if (present !== undefined) writeSecretLines(sessionFile, [present])
    }
    return unfinished.map(({ name }) => name)
  } finally {
    lock.release()
  }
}
