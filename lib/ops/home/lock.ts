import 'server-only'
import { linkSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { z } from 'zod'
import { nowMilliseconds } from '#lib/clock.ts'
import { Refused } from '#lib/errors.ts'
import { processIdentity } from './process-identity.ts'

const lockContent = z.object({
  pid: z.number().int(),
  identity: z.string(),
  /** `start` keeps the databases up for others; `command` starts and stops them for itself */
  purpose: z.enum(['start', 'command']),
  /** the databases are up, migrated and filled: others may work on them */
  serving: z.boolean().optional(),
  web: z.object({ pid: z.number().int(), identity: z.string() }).optional(),
})

type LockContent = z.infer<typeof lockContent>

export type HomeLock = {
  /** Tells other processes that they may work on the databases now. */
  readonly noteServing: () => void
  /** Notes the web process, so that the next start can end it if this process is killed before it could. */
  readonly noteWeb: (pid: number) => void
  readonly release: () => void
}

const lockFile = (home: string): string => path.join(home, 'lock')

const readLock = (file: string): LockContent | undefined => {
  try {
    const parsed = lockContent.safeParse(JSON.parse(readFileSync(file, 'utf8')))
    return parsed.success ? parsed.data : undefined
  } catch {
    return undefined
  }
}

const isAlive = (owner: { pid: number; identity: string }): boolean =>
  processIdentity(owner.pid) === owner.identity

/** Who works in this home right now, if anyone does. */
export const homeOwner = (home: string): Pick<LockContent, 'pid' | 'purpose' | 'serving'> | undefined => {
  const content = readLock(lockFile(home))
  return content !== undefined && isAlive(content) ? content : undefined
}

/** Moves a dead process's lock away. What was moved is looked at again: another start may have replaced it meanwhile. */
const clearStaleLock = (home: string): void => {
  const aside = path.join(home, `lock.${process.pid}.stale`)
  try {
    renameSync(lockFile(home), aside)
  } catch {
    return
  }
  const content = readLock(aside)
  if (content !== undefined && isAlive(content)) {
    renameSync(aside, lockFile(home))
    return
  }
  // The web process of a start that was killed still holds the port.
  if (content?.web !== undefined && isAlive(content.web)) process.kill(content.web.pid, 'SIGKILL')
  rmSync(aside, { force: true })
}

const tryLock = (home: string, content: LockContent): boolean => {
  const own = path.join(home, `lock.${process.pid}`)
  writeFileSync(own, JSON.stringify(content), { mode: 0o600 })
  try {
    // link() fails when the name is taken: creation and content are one step.
    linkSync(own, lockFile(home))
    return true
  } catch {
    return false
  } finally {
    rmSync(own, { force: true })
  }
}

/**
 * Takes the home for this process, waiting while an operator's command works in it.
 * @throws Refused when an `npm start` holds it, or a command for longer than `waitSeconds`
 */
export const lockHome = async (
  home: string,
  purpose: 'start' | 'command',
  waitSeconds = 60,
): Promise<HomeLock> => {
  const content: LockContent = {
    pid: process.pid,
    identity: processIdentity(process.pid) ?? 'unknown',
    purpose,
  }
  const giveUpAt = nowMilliseconds() + waitSeconds * 1000
  while (!tryLock(home, content)) {
    const owner = homeOwner(home)
    if (owner === undefined) clearStaleLock(home)
    else if (owner.purpose === 'start')
      throw new Refused(
        `Vigil already runs on ${home} (process ${owner.pid}): stop it first, or set VIGIL_HOME to another directory.`,
      )
    else if (nowMilliseconds() > giveUpAt)
      throw new Refused(
        `The command in process ${owner.pid} still works on ${home}: let it finish, then try again.`,
      )
    await sleep(100)
  }
  const note = (more: Partial<LockContent>): void => {
    Object.assign(content, more)
    const next = path.join(home, `lock.${process.pid}`)
    writeFileSync(next, JSON.stringify(content), { mode: 0o600 })
    renameSync(next, lockFile(home))
  }
  return {
    noteServing: () => note({ serving: true }),
    noteWeb: (pid) => {
      const identity = processIdentity(pid)
      if (identity !== undefined) note({ web: { pid, identity } })
    },
    release: () => {
      if (readLock(lockFile(home))?.identity === content.identity) rmSync(lockFile(home), { force: true })
    },
  }
}
