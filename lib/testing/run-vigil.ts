import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('../..', import.meta.url))

export type Ended = { status: number | null; out: string; err: string }

/**
 * Runs a script of bin/ as a process of its own, with these variables and none of the test's.
 * @param script such as `vigil.mjs`
 */
export function runScript(
  script: string,
  words: string[],
  variables: Record<string, string>,
): Promise<Ended> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [`${root}/bin/${script}`, ...words], {
      cwd: root,
      env: { PATH: process.env['PATH'] ?? '', NODE_ENV: 'production', ...variables },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    const ended: Ended = { status: null, out: '', err: '' }
    child.stdout.on('data', (chunk: Buffer) => (ended.out += chunk.toString()))
    child.stderr.on('data', (chunk: Buffer) => (ended.err += chunk.toString()))
    child.once('error', reject)
    child.once('close', (status) => resolve({ ...ended, status }))
  })
}
