import 'server-only'
import { type ChildProcess, spawn } from 'node:child_process'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

import { log } from '#lib/log.ts'

/** What the sealer is told of the environment: where to find its modules and its home, and no other login than its own. */
const environmentOf = (plan: SealerPlan): NodeJS.ProcessEnv => ({
  ...plan.places,
  NODE_ENV: 'production',
  VIGIL_HOME: plan.home,
  VIGIL_ENV: plan.environment,
  DATABASE_SEALER_URL: plan.url,
  ...(plan.attestationKeyFile === undefined ? {} : { ATTESTATION_KEY_FILE: plan.attestationKeyFile }),
})

export type SealerPlan = {
  readonly root: string
  readonly home: string
  readonly environment: 'demo' | 'production'
  /** of login vigil_sealer */
  readonly url: string
  /** where it is set: with what rows are vouched for lies in the home otherwise */
  readonly attestationKeyFile?: string | undefined
  /** settings of witnesses and of the bucket, as {@link placeVariables} picks them */
  readonly places?: Readonly<Record<string, string>>
}

/** What of an environment says where witnesses and the bucket are, and who asks the bucket. */
export const placeVariables = (
  environment: Readonly<Record<string, string | undefined>>,
): Record<string, string> =>
  Object.fromEntries(
    Object.entries(environment).filter(
      (entry): entry is [string, string] =>
        entry[1] !== undefined && /^(WITNESS_|ANCHOR_BUCKET|AWS_|NODE_EXTRA_CA_CERTS$)/.test(entry[0]),
    ),
  )

const startOne = (plan: SealerPlan): ChildProcess =>
  spawn(
    process.execPath,
    [
      '--disable-warning=ExperimentalWarning',
      '--conditions=react-server',
      '--import',
      `file://${path.join(plan.root, 'node_modules', 'tsx', 'dist', 'esm', 'index.mjs')}`,
      path.join(plan.root, 'bin', 'sealer.ts'),
    ],
    {
      cwd: plan.root,
      env: environmentOf(plan),
      // With the channel it notices when this process is gone.
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    },
  )

/**
 * Starts the process that seals the audit trail, and starts it again whenever it ends by itself: an unsealed trail is
 * an alarm, not a reason to turn people away.
 * @returns the function that ends it for good
 */
export const keepSealer = (plan: SealerPlan): (() => Promise<void>) => {
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
      log('job.failed', { place: 'audit.sealer-ended' })
      await sleep(2000)
    }
  }
  const running = run()
  return async () => {
    stopped = true
    child.kill('SIGTERM')
    const patience = setTimeout(() => child.kill('SIGKILL'), 5000)
    await running
    clearTimeout(patience)
  }
}
