import 'server-only'
import { type ChildProcess, spawn } from 'node:child_process'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

import { log } from '#lib/log.ts'
import { closedProcessOptions } from '#lib/ops/start/require-closed-process.ts'

/** The worker knows neither the owners' logins nor those of the sealer, of readers of the trail, and of who looks after keys. */
const withheld = [
  'DATABASE_OWNER_URL',
  'DATABASE_SEALER_URL',
  'DATABASE_AUDIT_URL',
  'KEYSTORE_OWNER_URL',
  'KEYSTORE_OPERATOR_URL',
  'NODE_OPTIONS',
  'NODE_CHANNEL_FD',
]

export type WorkerPlan = {
  readonly root: string
  /** settings of this process with the addresses of the databases */
  readonly environment: NodeJS.ProcessEnv
}

const startOne = ({ root, environment }: WorkerPlan): ChildProcess =>
  spawn(
    process.execPath,
    [
      ...closedProcessOptions,
      '--disable-warning=ExperimentalWarning',
      '--conditions=react-server',
      '--import',
      `file://${path.join(root, 'node_modules', 'tsx', 'dist', 'esm', 'index.mjs')}`,
      path.join(root, 'bin', 'worker.ts'),
    ],
    {
      cwd: root,
      env: {
        ...Object.fromEntries(Object.entries(environment).filter(([name]) => !withheld.includes(name))),
        NODE_ENV: 'production',
      },
      // With the channel it notices when this process is gone.
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    },
  )

/**
 * Starts the process that does the periodic work, and starts it again whenever it ends by itself: work that waits is an alarm, not
 * a reason to turn people away.
 * @returns the function that ends it for good
 */
export const keepWorker = (plan: WorkerPlan): (() => Promise<void>) => {
  let stopped = false
  let child: ChildProcess
  const run = async (): Promise<void> => {
    while (!stopped) {
      child = startOne(plan)
      await new Promise((resolve) => {
        child.once('exit', resolve)
        child.once('error', resolve)
      })
      if (stopped) return
      log('job.failed', { place: 'worker-ended' })
      await sleep(2000)
    }
  }
  const running = run()
  return async () => {
    stopped = true
    child.kill('SIGTERM')
    const patience = setTimeout(() => child.kill('SIGKILL'), 10_000)
    await running
    clearTimeout(patience)
  }
}
