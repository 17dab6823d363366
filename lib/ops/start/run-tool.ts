import 'server-only'
import { spawn } from 'node:child_process'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { Refused } from '#lib/errors.ts'

const linesKept = 60

/** Variables a build step may see: no address and no secret, so that it cannot reach a database. */
const toolEnvironment = (root: string): NodeJS.ProcessEnv => ({
  NODE_ENV: 'production',
  NEXT_TELEMETRY_DISABLED: '1',
  // The project's own tools and this very Node first: one tool may call another.
  PATH: [path.join(root, 'node_modules', '.bin'), path.dirname(process.execPath), '/usr/bin', '/bin'].join(
    ':',
  ),
  HOME: tmpdir(),
  CI: '1',
})

/**
 * Runs one of the project's own tools to its end, quietly.
 * @param script path of a JavaScript file, run with this process's Node
 * @throws Refused with the last lines of its output when it fails
 */
export const runTool = (
  what: string,
  root: string,
  script: string,
  words: readonly string[],
  signal: AbortSignal,
): Promise<void> =>
  new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [script, ...words], {
      cwd: root,
      env: toolEnvironment(root),
      stdio: ['ignore', 'pipe', 'pipe'],
      signal,
    })
    let output = ''
    const keep = (chunk: Buffer): void => {
      output = `${output}${chunk.toString('utf8')}`.slice(-20_000)
    }
    child.stdout.on('data', keep)
    child.stderr.on('data', keep)
    child.once('error', reject)
    child.once('close', (code) => {
      if (code === 0) resolve()
      else
        reject(new Refused(`${what} failed:\n${output.trimEnd().split('\n').slice(-linesKept).join('\n')}`))
    })
  })
