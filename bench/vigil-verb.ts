import { spawn, type ChildProcess } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { embeddedEnvironment } from '#lib/ops/databases/embedded-environment.ts'
import type { Env } from '#lib/parse-env.ts'

const root = fileURLToPath(new URL('..', import.meta.url))

/** A verb under way in a process of its own. */
export type VigilVerb = {
  readonly child: ChildProcess
  /** resolves when it has ended, with its exit status (null when a signal ended it) and what it said */
  readonly ended: Promise<{ status: number | null; out: string; err: string }>
}

/** Starts `vigil WORDS…` on the running servers of a home, as an operator would on another machine. */
export function startVerb(env: Env, words: readonly string[]): VigilVerb {
  // Without the launcher, so that a signal reaches the verb itself.
  const how = ['--disable-warning=ExperimentalWarning', '--conditions=react-server', '--import', 'tsx']
  const child = spawn(process.execPath, [...how, `${root}/bin/vigil.ts`, ...words], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { PATH: process.env['PATH'] ?? '', NODE_ENV: 'production', ...embeddedEnvironment(env, 'command') },
  })
  const said = { out: '', err: '' }
  child.stdout.on('data', (chunk: Buffer) => (said.out += chunk.toString()))
  child.stderr.on('data', (chunk: Buffer) => (said.err += chunk.toString()))
  const ended = new Promise<{ status: number | null; out: string; err: string }>((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (status) => resolve({ status, ...said }))
  })
  return { child, ended }
}
