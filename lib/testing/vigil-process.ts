import { spawn, type ChildProcess } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { testDatabase } from './test-database.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))

/** A verb under way in a process of its own, on the databases of this test file. */
export type VigilProcess = {
  readonly child: ChildProcess
  /** what it has said so far */
  readonly said: { out: string; err: string }
  /** resolves when it has ended, with its exit status; null when a signal ended it */
  readonly ended: Promise<number | null>
}

/** Starts `vigil WORDS…` as an operator would, with these variables beside those of the databases. */
export async function startVigil(
  words: readonly string[],
  variables: Readonly<Record<string, string>> = {},
): Promise<VigilProcess> {
  const { urls, home } = await testDatabase()
  // Without the launcher, so that a signal reaches the verb itself.
  const how = ['--disable-warning=ExperimentalWarning', '--conditions=react-server', '--import', 'tsx']
  const child = spawn(process.execPath, [...how, `${root}/bin/vigil.ts`, ...words], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      PATH: process.env['PATH'] ?? '',
      NODE_ENV: 'production',
      VIGIL_ENV: 'demo',
      VIGIL_HOME: home,
      DATABASE_URL: urls.app,
      DATABASE_WORKER_URL: urls.worker,
      DATABASE_SEALER_URL: urls.sealer,
      DATABASE_AUDIT_URL: urls.audit_reader,
      KEYSTORE_URL: urls.keystore,
      KEYSTORE_OPERATOR_URL: urls.keystore_operator,
      SESSION_SECRET: 'demo-secret-of-the-database-tests-and-of-nothing-else',
      ...variables,
    },
  })
  const said = { out: '', err: '' }
  child.stdout.on('data', (chunk: Buffer) => (said.out += chunk.toString()))
  child.stderr.on('data', (chunk: Buffer) => (said.err += chunk.toString()))
  const ended = new Promise<number | null>((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (status) => resolve(status))
  })
  return { child, said, ended }
}
