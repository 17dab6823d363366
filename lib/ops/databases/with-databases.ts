import 'server-only'
import { setTimeout as sleep } from 'node:timers/promises'
import { nowMilliseconds } from '#lib/clock.ts'
import type { Env } from '#lib/parse-env.ts'
import { Refused } from '#lib/errors.ts'
import { settleSecrets } from '#lib/ops/credentials/settle-secrets.ts'
import { homeOwner, lockHome } from '#lib/ops/home/lock.ts'
import { openHome, readHome } from '#lib/ops/home/open-home.ts'
import { embeddedServers } from './database-urls.ts'
import { startDatabases } from './start-databases.ts'

/** An `npm start` holds the home before its databases are up, migrated and filled: a command waits for that. */
const startIsServing = async (env: Env): Promise<boolean> => {
  const giveUpAt = nowMilliseconds() + 300_000
  for (;;) {
    const owner = homeOwner(env.home)
    if (owner?.purpose !== 'start') return false
    if (owner.serving === true) return true
    if (nowMilliseconds() > giveUpAt)
      throw new Refused(
        `"npm start" is not getting ready on ${env.home}: see what it says, and try again later.`,
      )
    await sleep(100)
  }
}

/** The home that a command works in. @throws Refused when there is none, or a newer Vigil wrote it */
export const requireHome = (env: Env): ReturnType<typeof openHome> => {
  const content = readHome(env.home)
  if (content === undefined)
    throw new Refused(
      `${env.home} is not a home of Vigil: run "npm start" once, or set VIGIL_HOME to the one that you mean.`,
    )
  return openHome(env.home, content.kind)
}

/**
 * Runs an operator's command while both databases answer: those of a running `npm start`, or else started for the
 * duration of the command and stopped after it.
 */
export const withDatabases = async <T>(env: Env, work: () => Promise<T>): Promise<T> => {
  if (embeddedServers(env).length === 0) return work()
  requireHome(env)
  if (await startIsServing(env)) {
    await settleSecrets(env)
    return work()
  }
  const lock = await lockHome(env.home, 'command')
  try {
    const databases = await startDatabases(env)
    const giveUp = (): void => {
      void databases.stop().finally(() => {
        lock.release()
        process.exit(130)
      })
    }
    const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const
    for (const signal of signals) process.once(signal, giveUp)
    try {
      return await work()
    } finally {
      for (const signal of signals) process.off(signal, giveUp)
      await databases.stop()
    }
  } finally {
    lock.release()
  }
}
