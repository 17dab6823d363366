import 'server-only'
import inspector from 'node:inspector'
import { Refused } from '#lib/errors.ts'

/** Options of Node with which somebody outside of the process sees into its memory, or has it written to disk. */
const openings =
  /^--(?:inspect|debug|heapsnapshot|heap-prof|cpu-prof|prof|perf|report-(?:on|uncaught|signal))/

/** The options that a serving process is started with: no debugger on a signal, and no secret of the environment in a report. */
export const closedProcessOptions = ['--disable-sigusr1', '--report-exclude-env'] as const

/**
 * A process that holds keys and records lets nobody look into it: in production neither a debugger nor a dump of its memory may
 * be asked for.
 * @param options of Node, from the command line and from NODE_OPTIONS
 * @throws Refused naming the first of them that opens the process
 */
export function requireClosedProcess(
  environment: 'demo' | 'production',
  options: readonly string[],
  debuggerAddress: string | undefined = inspector.url(),
): void {
  if (environment !== 'production') return
  const opening = options.find((option) => openings.test(option)) ?? debuggerAddress
  if (opening !== undefined)
    throw new Refused(
      `Node was started with ${opening.replace(/=.*/, '')}, which shows the keys and records in its memory: take it out of NODE_OPTIONS or of the command.`,
    )
}

/** The options that this process was started with. */
export function nodeOptions(execArgv: readonly string[], nodeOptionsVariable: string | undefined): string[] {
  return [...execArgv, ...(nodeOptionsVariable ?? '').split(/\s+/).filter((option) => option !== '')]
}
