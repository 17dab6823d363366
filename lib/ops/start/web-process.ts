import 'server-only'
import { type ChildProcess, spawn } from 'node:child_process'
import { createServer } from 'node:net'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { nowMilliseconds } from '#lib/clock.ts'
import { Refused } from '#lib/errors.ts'
import { closedProcessOptions } from './require-closed-process.ts'

export type WebProcess = {
  readonly pid: number
  /** resolves when it has ended, with how */
  readonly ended: Promise<string>
  /** Lets it finish what it is answering, then ends it; at once when `immediately`. */
  readonly stop: (options?: { immediately?: boolean }) => Promise<void>
}

export type WebPlan = {
  readonly root: string
  readonly mode: 'start' | 'dev'
  readonly address: string
  readonly port: number
  /** gives up waiting for it, and ends it */
  readonly signal: AbortSignal
  /** added to this process's own variables */
  readonly environment: Readonly<Record<string, string>>
}

/**
 * A serving process knows neither the owners' logins nor those of jobs, of the sealer, and of readers of the trail: that one reads
 * who opened which record, and nothing says that it did.
 */
const withheld = [
  'DATABASE_OWNER_URL',
  'KEYSTORE_OWNER_URL',
  'KEYSTORE_OPERATOR_URL',
  'DATABASE_WORKER_URL',
  'DATABASE_SEALER_URL',
  'DATABASE_AUDIT_URL',
  'NODE_OPTIONS',
  'NODE_CHANNEL_FD',
]

/** The variables that the web process gets. */
export const webEnvironment = (
  plan: Pick<WebPlan, 'environment' | 'mode'>,
  own: NodeJS.ProcessEnv,
): NodeJS.ProcessEnv => ({
  ...Object.fromEntries(Object.entries(own).filter(([name]) => !withheld.includes(name))),
  ...plan.environment,
  NODE_ENV: plan.mode === 'start' ? 'production' : 'development',
  NEXT_TELEMETRY_DISABLED: '1',
})

const endGroup = (child: ChildProcess, signal: NodeJS.Signals): void => {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return
  try {
    // The group, because `next dev` has children of its own.
    process.kill(process.platform === 'win32' ? child.pid : -child.pid, signal)
  } catch {
    // It ended between the check and the signal.
  }
}

/** @throws Refused when somebody else listens there */
export const requireFreePort = (address: string, port: number): Promise<void> =>
  new Promise((resolve, reject) => {
    const probe = createServer()
    probe.once('error', (error) => {
      const code = 'code' in error ? error.code : undefined
      if (code === 'EADDRINUSE')
        reject(
          new Refused(
            `Port ${port} is in use by another program: stop that one, or choose another port, for example PORT=${port === 65_535 ? 3000 : port + 1} npm start.`,
          ),
        )
      else if (code === 'EACCES')
        reject(
          new Refused(
            `This user may not listen on port ${port}: choose one above 1023, for example PORT=3000 npm start.`,
          ),
        )
      else if (code === 'EADDRNOTAVAIL')
        reject(new Refused(`This machine has no address ${address}: set LISTEN_ADDRESS to one that it has.`))
      else reject(error)
    })
    probe.listen(port, address, () => probe.close(() => resolve()))
  })

const answers = async (url: string): Promise<boolean> => {
  try {
    return (await fetch(url, { signal: AbortSignal.timeout(20_000), redirect: 'manual' })).ok
  } catch {
    return false
  }
}

/**
 * Starts the web process and waits until it says that it is healthy.
 * @param own variables of this process
 * @throws Refused when it ends before that, or stays silent for two minutes
 */
export const startWeb = async (plan: WebPlan, own: NodeJS.ProcessEnv): Promise<WebProcess> => {
  const next = path.join(plan.root, 'node_modules', 'next', 'dist', 'bin', 'next')
  const served = [next, plan.mode, '-H', plan.address, '-p', String(plan.port)]
  const child = spawn(process.execPath, [...closedProcessOptions, ...served], {
    cwd: plan.root,
    env: webEnvironment(plan, own),
    // Its own log goes to our stderr; its greeting would only repeat ours.
    stdio: ['ignore', plan.mode === 'dev' ? 'inherit' : 'ignore', 'inherit'],
    detached: process.platform !== 'win32',
  })
  let end: string | undefined
  const ended = new Promise<string>((resolve) => {
    child.once('error', (error) => resolve(`could not be started (${error.name})`))
    child.once('exit', (code, signal) =>
      resolve(signal === null ? `ended with status ${code}` : `was ended by ${signal}`),
    )
  }).then((how) => (end = how))
  plan.signal.addEventListener('abort', () => endGroup(child, 'SIGTERM'))
  const giveUpAt = nowMilliseconds() + 120_000
  while (
    !(await answers(
      `http://${plan.address.includes(':') ? `[${plan.address}]` : plan.address}:${plan.port}/api/health`,
    ))
  ) {
    if (end !== undefined)
      throw new Refused(`The web process ${end} before it was ready; what it said is above.`)
    if (nowMilliseconds() > giveUpAt) {
      endGroup(child, 'SIGKILL')
      throw new Refused('The web process did not become healthy within two minutes; what it said is above.')
    }
    await sleep(100)
  }
  const stop = async ({ immediately = false } = {}): Promise<void> => {
    endGroup(child, immediately ? 'SIGKILL' : 'SIGTERM')
    const patience = AbortSignal.timeout(10_000)
    patience.addEventListener('abort', () => endGroup(child, 'SIGKILL'))
    await ended
  }
  return { pid: child.pid ?? 0, ended, stop }
}
