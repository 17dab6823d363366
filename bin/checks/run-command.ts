import { spawn } from 'node:child_process'
import { delimiter, resolve } from 'node:path'
import { type Print } from './check.ts'

const ownBinaries = resolve('node_modules/.bin')

/**
 * Runs one of the project's own tools with its output going straight to the terminal, or to `print`, and gives its exit code.
 * The pinned Node and the pinned tools come first on the path, whatever the machine has.
 */
export function runCommand(
  command: string,
  parameters: string[],
  environment: Record<string, string> = {},
  print?: Print,
): Promise<number> {
  return new Promise((done, fail) => {
    const child = spawn(command, parameters, {
      stdio: print ? ['ignore', 'pipe', 'pipe'] : 'inherit',
      env: {
        ...process.env,
        ...environment,
        PATH: [ownBinaries, process.env['PATH'] ?? ''].join(delimiter),
      },
    })
    for (const stream of [child.stdout, child.stderr])
      stream?.setEncoding('utf8').on('data', (text: string) => print?.(text))
    child.on('error', fail)
    child.on('close', (code, signal) => done(code ?? (signal ? 1 : 0)))
  })
}
