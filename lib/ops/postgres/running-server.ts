import 'server-only'
import { readFileSync, realpathSync, rmSync } from 'node:fs'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { nowMilliseconds } from '#lib/clock.ts'
import { Refused } from '#lib/errors.ts'
import { processCommand, processIdentity } from '#lib/ops/home/process-identity.ts'

export type RunningServer = { readonly pid: number; readonly ready: boolean }

/** The server that runs on a data directory, if its pid file names a live process that is a postgres of this directory. */
export const runningServer = (dataDirectory: string): RunningServer | undefined => {
  let lines: string[]
  try {
    lines = readFileSync(path.join(dataDirectory, 'postmaster.pid'), 'utf8').split('\n')
  } catch {
    return undefined
  }
  const pid = Number(lines[0])
  if (!Number.isInteger(pid) || pid <= 1 || processIdentity(pid) === undefined) return undefined
  const command = processCommand(pid) ?? ''
  const isOurs = command.includes('postgres') && command.includes(realpathSync(dataDirectory))
  return isOurs ? { pid, ready: lines[7]?.trim() === 'ready' } : undefined
}

const hasEnded = async (pid: number, identity: string | undefined, seconds: number): Promise<boolean> => {
  const giveUpAt = nowMilliseconds() + seconds * 1000
  while (processIdentity(pid) === identity) {
    if (nowMilliseconds() > giveUpAt) return false
    await sleep(25)
  }
  return true
}

/**
 * Ends a server: SIGINT lets it write all it has and close, SIGQUIT makes it drop everything at once, which the next
 * start repairs from the write-ahead log. Nothing acknowledged is lost either way.
 */
export const endServer = async (pid: number, seconds = 30): Promise<void> => {
  const identity = processIdentity(pid)
  if (identity === undefined) return
  for (const signal of ['SIGINT', 'SIGQUIT'] as const) {
    process.kill(pid, signal)
    if (await hasEnded(pid, identity, seconds)) return
  }
  throw new Refused(`The database server (process ${pid}) does not stop: end that process, then try again.`)
}

const namedProcess = (lockFile: string): number | undefined => {
  try {
    const pid = Math.abs(Number(readFileSync(lockFile, 'utf8').split('\n')[0]))
    return processIdentity(pid) === undefined ? undefined : pid
  } catch {
    return undefined
  }
}

/**
 * Prepares a data directory for a start after whatever happened before. A server that lives on without its `npm start`
 * is stopped. A lock file whose process id is now somebody else's is removed, because Postgres would take that process
 * for a running server; one whose process is gone stays, because Postgres reads from it whether a forgotten backend is
 * still attached to the old shared memory. Call it only while holding the home's lock.
 */
export const clearFormerServer = async (
  dataDirectory: string,
  socketDirectory: string,
  port: number,
): Promise<void> => {
  const former = runningServer(dataDirectory)
  if (former !== undefined) await endServer(former.pid)
  for (const file of [
    path.join(dataDirectory, 'postmaster.pid'),
    path.join(socketDirectory, `.s.PGSQL.${port}.lock`),
  ])
    if (namedProcess(file) !== undefined) rmSync(file, { force: true })
}
