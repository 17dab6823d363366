import 'server-only'
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'

const read = (file: string): string | undefined => {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return undefined
  }
}

const ask = (pid: number, column: 'lstart' | 'command'): string | undefined => {
  try {
    return (
      execFileSync('ps', ['-o', `${column}=`, '-p', String(pid)], { encoding: 'utf8' }).trim() || undefined
    )
  } catch {
    return undefined
  }
}

/**
 * A text that only this life of a process id has: a number alone may belong to another process by now.
 * Undefined when no such process runs (or it is a zombie that nobody has collected yet).
 */
export const processIdentity = (pid: number): string | undefined => {
  if (process.platform !== 'linux') return ask(pid, 'lstart')
  // Fields after the command, which may hold spaces and brackets: 0 is the state, 19 the start in clock ticks since boot.
  const fields = read(`/proc/${pid}/stat`)
    ?.replace(/^.*\) /s, '')
    .split(' ')
  if (fields === undefined || fields[0] === 'Z' || fields[0] === 'X') return undefined
  return `${read('/proc/sys/kernel/random/boot_id')?.trim()}/${fields[19]}`
}

/** The command line of a process, with spaces between its arguments; undefined when it does not run. */
export const processCommand = (pid: number): string | undefined =>
  process.platform === 'linux' ? read(`/proc/${pid}/cmdline`)?.replaceAll('\0', ' ') : ask(pid, 'command')
