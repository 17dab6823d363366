// Plain JavaScript that any Node from 20.19 on can read: it finds the Node that the product is pinned to and hands over.
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'

const here = path.dirname(fileURLToPath(import.meta.url))
const modules = path.join(here, '..', 'node_modules')

/** The npm package `node` brings it; where npm did not run that package's install script, a system Node of 22 or later will do. */
function findNode() {
  const pinned = path.join(modules, 'node', 'bin', 'node')
  if (existsSync(pinned)) return pinned
  if (Number(process.versions.node.split('.')[0]) >= 22) return process.execPath
  process.stderr.write(
    `Vigil needs Node 22 or later and this is ${process.versions.node}: run "npm rebuild node" in ${path.dirname(modules)}, which installs Node 24 for Vigil alone.\n`,
  )
  process.exit(1)
}

/** A core dump would hold keys and records. Node cannot lower the limit itself; whatever it starts inherits it. */
function withoutCoreDump(command, parameters) {
  if (process.platform === 'win32') return [command, parameters]
  return ['/bin/sh', ['-c', 'ulimit -c 0; exec "$0" "$@"', command, ...parameters]]
}

/**
 * Runs a TypeScript file of bin/ under the pinned Node and ends as it ends. The child is a process group of its own,
 * so that Ctrl-C reaches it once, from here; should this process vanish, the closed channel tells it to stop.
 */
export function runPinned(file, words) {
  if (!existsSync(path.join(modules, 'tsx'))) {
    process.stderr.write(`Vigil is not installed yet: run "npm install" in ${path.dirname(modules)} first.\n`)
    process.exit(1)
  }
  const tsx = path.join(modules, 'tsx', 'dist', 'esm', 'index.mjs')
  const child = spawn(
    ...withoutCoreDump(findNode(), [
      '--disable-warning=ExperimentalWarning',
      // What runs here holds keys: no debugger on a signal, and no secret of the environment in a diagnostic report.
      '--disable-sigusr1',
      '--report-exclude-env',
      '--conditions=react-server',
      '--import',
      `file://${tsx}`,
      path.join(here, file),
      ...words,
    ]),
    { stdio: ['inherit', 'inherit', 'inherit', 'ipc'], detached: process.platform !== 'win32' },
  )
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal))
  // npm forwards signals, but when it is killed itself nobody would end the databases: notice that it has gone.
  const npm = process.env.npm_lifecycle_event === undefined ? undefined : process.ppid
  const watch = setInterval(() => {
    if (npm === undefined || process.ppid === npm) return
    clearInterval(watch)
    child.kill('SIGTERM')
  }, 250)
  watch.unref()
  child.on('error', (error) => {
    process.stderr.write(`Vigil could not be started: ${error.message}\n`)
    process.exit(1)
  })
  child.on('exit', (code, signal) => {
    // npm and the shell learn of a signal as 128 + its number; our own stop on a signal ends with 0.
    process.exit(code ?? (signal === 'SIGKILL' ? 137 : 1))
  })
}
