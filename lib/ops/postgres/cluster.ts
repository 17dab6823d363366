import 'server-only'
import { type ChildProcess, spawn } from 'node:child_process'
import {
  chmodSync,
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  readSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { nowMilliseconds } from '#lib/clock.ts'
import { Refused } from '#lib/errors.ts'
import { freeBytes } from '#lib/ops/home/free-bytes.ts'
import type { Binaries } from './binaries.ts'
import { type Confinement, confined, giveTo } from './confinement.ts'
import { clearFormerServer, endServer } from './running-server.ts'
import { type Settings, settingsFile } from './settings.ts'
import { socketUrl } from './socket-url.ts'

/** Everything that one embedded server needs to be made and started. */
export type ClusterPlan = {
  readonly name: string
  readonly dataDirectory: string
  readonly socketDirectory: string
  /** tells the sockets of two servers in one directory apart; no TCP port is opened */
  readonly port: number
  readonly superuser: string
  readonly password: string
  /** the one that a change of the superuser's password, cut short, may have set already */
  readonly comingPassword?: string
  readonly logFile: string
  readonly settings: Settings
  readonly binaries: Binaries
  readonly confinement: Confinement
  /** further lines of pg_hba.conf, for a server that tests reach over TLS */
  readonly hostRules?: readonly string[]
}

export type Cluster = {
  readonly pid: number
  /** resolves when the server process has ended, however it ended */
  readonly ended: Promise<void>
  /** Stops the server cleanly; at once (and still without losing a committed row) when `immediately`. */
  readonly stop: (options?: { immediately?: boolean }) => Promise<void>
}

/** The child sees none of our environment: it holds secrets. HOME must be readable, or libpq gives up. */
const childEnvironment = (plan: ClusterPlan): NodeJS.ProcessEnv => ({
  NODE_ENV: 'production',
  HOME: plan.dataDirectory,
  PATH: '/usr/local/bin:/usr/bin:/bin',
  LC_ALL: 'C',
  TZ: 'UTC',
})

const diskFull = (text: string): boolean => /No space left on device|ENOSPC|Disk quota exceeded/i.test(text)

/** The one sentence for a disk that is full. */
export const diskFullText = (directory: string): string =>
  `The disk that holds ${directory} is full: free some space there (Vigil wants 500 MB), then start again; nothing that was saved is lost.`

const spawnConfined = (
  plan: ClusterPlan,
  program: string,
  programArguments: readonly string[],
  output: number,
): ChildProcess => {
  const command = confined(plan.confinement, program, programArguments)
  // A group of its own: Ctrl-C in the terminal must reach the web process first, and the databases last.
  return spawn(command.program, command.arguments, {
    ...command.ids,
    env: childEnvironment(plan),
    cwd: path.dirname(plan.dataDirectory),
    stdio: ['ignore', output, output],
    detached: true,
  })
}

const outcome = (child: ChildProcess): Promise<{ code: number | null; error?: Error }> =>
  new Promise((resolve) => {
    child.once('error', (error) => resolve({ code: null, error }))
    child.once('exit', (code) => resolve({ code }))
  })

const openLog = (file: string): number => {
  // One old file is kept: the log holds no statements and grows slowly.
  if (existsSync(file) && statSync(file).size > 10_000_000) renameSync(file, `${file}.old`)
  return openSync(file, 'a', 0o600)
}

const logSince = (file: string, offset: number): string => {
  const handle = openSync(file, 'r')
  try {
    const buffer = Buffer.alloc(Math.max(0, Math.min(statSync(file).size - offset, 100_000)))
    readSync(handle, buffer, 0, buffer.length, offset)
    return buffer.toString('utf8')
  } finally {
    closeSync(handle)
  }
}

/** What the server's log says about why it did not start, as one sentence. */
const reasonOf = (plan: ClusterPlan, log: string): string => {
  // On a full disk the server cannot even write down why it ends.
  if (diskFull(log) || freeBytes(plan.dataDirectory) < 1_000_000) return diskFullText(plan.dataDirectory)
  const fatal = log.split('\n').findLast((line) => /FATAL|PANIC|error:/.test(line))
  return `The embedded ${plan.name} did not start: ${fatal?.replace(/^.*?(FATAL|PANIC|error): +/, '') ?? 'it ended without a word'} (log: ${plan.logFile}).`
}

const initialise = async (plan: ClusterPlan): Promise<void> => {
  // initdb leaves nothing behind when it fails, but a killed one does: it works on a name of its own, which then becomes the directory.
  const unfinished = `${plan.dataDirectory}.unfinished`
  const passwordFile = `${plan.dataDirectory}.password`
  rmSync(unfinished, { recursive: true, force: true })
  mkdirSync(unfinished, { mode: 0o700 })
  giveTo(plan.confinement, unfinished)
  writeFileSync(passwordFile, plan.password, { mode: 0o600 })
  giveTo(plan.confinement, passwordFile)
  const output = openLog(plan.logFile)
  const offset = statSync(plan.logFile).size
  try {
    const locale =
      plan.binaries.version >= 17
        ? ['--no-locale', '--locale-provider=builtin', '--builtin-locale=C.UTF-8']
        : ['--locale=C.UTF-8']
    const { code } = await outcome(
      spawnConfined(
        plan,
        plan.binaries.initdb,
        [
          '--pgdata',
          unfinished,
          '--username',
          plan.superuser,
          '--pwfile',
          passwordFile,
          '--auth=scram-sha-256',
          '--data-checksums',
          '--encoding=UTF8',
          '--no-instructions',
          ...locale,
          // Tests give up durability with fsync=off; nothing else does.
          ...(plan.settings['fsync'] === 'off' ? ['--no-sync'] : []),
        ],
        output,
      ),
    )
    if (code !== 0) throw new Refused(reasonOf(plan, logSince(plan.logFile, offset)))
    renameSync(unfinished, plan.dataDirectory)
  } finally {
    closeSync(output)
    rmSync(passwordFile, { force: true })
    rmSync(unfinished, { recursive: true, force: true })
  }
}

const writeSettings = (plan: ClusterPlan): void => {
  // A list, in which a name with a space or a comma stands in double quotes.
  const sockets = `"${plan.socketDirectory.replaceAll('"', '""')}"`
  const settings = { ...plan.settings, port: String(plan.port), unix_socket_directories: sockets }
  const rules = ['local all all scram-sha-256', ...(plan.hostRules ?? [])]
  for (const [name, text] of [
    ['postgresql.conf', settingsFile(settings, plan.binaries.version)],
    ['pg_hba.conf', `# Written by Vigil at every start.\n${rules.join('\n')}\n`],
    ['pg_ident.conf', ''],
  ] as const) {
    const file = path.join(plan.dataDirectory, name)
    writeFileSync(file, text, { mode: 0o600 })
    giveTo(plan.confinement, file)
  }
}

type Answer = 'ready' | 'not yet' | 'not ours'

const asks = async (plan: ClusterPlan): Promise<Answer> => {
  const answer = await asksWith(plan, plan.password)
  return answer === 'not ours' && plan.comingPassword !== undefined
    ? asksWith(plan, plan.comingPassword)
    : answer
}

const asksWith = async (plan: ClusterPlan, password: string): Promise<Answer> => {
  const client = new pg.Client({
    connectionString: socketUrl({ ...plan, password, login: plan.superuser, database: 'postgres' }),
    connectionTimeoutMillis: 5000,
  })
  // A server that ends while it is asked is told of by its process, not by this connection.
  client.on('error', () => undefined)
  try {
    await client.connect()
    return 'ready'
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined
    return code === '28P01' ? 'not ours' : 'not yet'
  } finally {
    await client.end().catch(() => undefined)
  }
}

type Attempt = { cluster: Cluster } | { failure: string; mayRetry: boolean }

const attempt = async (plan: ClusterPlan): Promise<Attempt> => {
  const output = openLog(plan.logFile)
  const offset = statSync(plan.logFile).size
  const child = spawnConfined(plan, plan.binaries.postgres, ['-D', plan.dataDirectory], output)
  closeSync(output)
  let hasEnded = false
  const ended = outcome(child).then(() => {
    hasEnded = true
  })
  const giveUpAt = nowMilliseconds() + 120_000
  while (!hasEnded && nowMilliseconds() < giveUpAt) {
    const answer = await asks(plan)
    if (answer === 'ready' && child.pid !== undefined) {
      const { pid } = child
      return {
        cluster: {
          pid,
          ended,
          stop: async ({ immediately = false } = {}) => {
            if (immediately && !hasEnded) child.kill('SIGQUIT')
            else if (!hasEnded) await endServer(pid)
            await ended
          },
        },
      }
    }
    if (answer === 'not ours') {
      if (child.pid !== undefined) await endServer(child.pid)
      return {
        failure: `The password of ${plan.superuser} does not open the embedded ${plan.name}: put the secrets back that belong to it (they are in the home's directory "secrets").`,
        mayRetry: false,
      }
    }
    await Promise.race([sleep(30), ended])
  }
  if (!hasEnded && child.pid !== undefined) await endServer(child.pid)
  const log = logSince(plan.logFile, offset)
  // After a crash the old server's last children may hold its memory, or its process entry, for a moment longer.
  return { failure: reasonOf(plan, log), mayRetry: /postmaster\.pid|shared memory block/.test(log) }
}

/**
 * Starts one embedded server, making its data directory first when there is none, and waits until it answers.
 * @throws Refused with the reason in one sentence
 */
export const startCluster = async (plan: ClusterPlan): Promise<Cluster> => {
  try {
    if (!existsSync(path.join(plan.dataDirectory, 'PG_VERSION'))) await initialise(plan)
    chmodSync(plan.dataDirectory, 0o700)
    giveTo(plan.confinement, plan.dataDirectory)
    giveTo(plan.confinement, plan.socketDirectory)
    const version = Number(readFileSync(path.join(plan.dataDirectory, 'PG_VERSION'), 'utf8'))
    if (version !== plan.binaries.version)
      throw new Refused(
        `${plan.dataDirectory} was written by Postgres ${version} and this Vigil brings ${plan.binaries.version}: restore a backup into a new home (docs/configuration.md), or start the Vigil that wrote it.`,
      )
    writeSettings(plan)
    await clearFormerServer(plan.dataDirectory, plan.socketDirectory, plan.port)
    for (let tries = 0; ; tries += 1) {
      const result = await attempt(plan)
      if ('cluster' in result) return result.cluster
      if (!result.mayRetry || tries >= 40) throw new Refused(result.failure)
      await sleep(250)
    }
  } catch (error) {
    if (error instanceof Error && diskFull(error.message)) throw new Refused(diskFullText(plan.dataDirectory))
    throw error
  }
}
