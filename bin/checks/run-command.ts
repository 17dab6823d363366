import { spawn } from 'node:child_process'
import { delimiter, resolve } from 'node:path'

const ownBinaries = resolve('node_modules/.bin')

/**
 * Runs one of the project's own tools with its output going straight to the terminal, and gives its exit code.
 * The pinned Node and the pinned tools come first on the path, whatever the machine has.
 */
export function runCommand(
  command: string,
  parameters: string[],
  environment: Record<string, string> = {},
): Promise<number> {
  return new Promise((done, fail) => {
    const child = spawn(command, parameters, {
      stdio: 'inherit',
      env: {
        ...process.env,
        ...environment,
        PATH: [ownBinaries, process.env['PATH'] ?? ''].join(delimiter),
      },
    })
    child.on('error', fail)
    child.on('exit', (code, signal) => done(code ?? (signal ? 1 : 0)))
  })
}
