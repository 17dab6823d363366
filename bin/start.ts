import { createServer } from 'node:net'
import { fileURLToPath } from 'node:url'
import { Refused, VigilError } from '#lib/errors.ts'
import { databaseUrl, findDatabaseUrl } from '#lib/ops/databases/database-urls.ts'
import { embeddedEnvironment } from '#lib/ops/databases/embedded-environment.ts'
import { bootstrapEmbedded, migrateDatabases } from '#lib/ops/databases/prepare-databases.ts'
import { startDatabases } from '#lib/ops/databases/start-databases.ts'
import { lockHome } from '#lib/ops/home/lock.ts'
import { openHome, readHome } from '#lib/ops/home/open-home.ts'
import { makeMissingSecrets } from '#lib/ops/home/secrets.ts'
import { demoAccountTable, readDemoAccounts } from '#lib/ops/demo/demo-home.ts'
import { buildIsCurrent, buildPages, clientIsCurrent, generateClient } from '#lib/ops/start/build-product.ts'
import { clearHalfLoadedDemo, fillDemo, wantsDemo } from '#lib/ops/start/demo-clinic.ts'
import { keepKeys } from '#lib/ops/start/keep-keys.ts'
import { makeMissingSealKey } from '#lib/ops/seal/seal-key.ts'
import { keepSealer, placeVariables } from '#lib/ops/seal/sealer-process.ts'
import { nodeOptions, requireClosedProcess } from '#lib/ops/start/require-closed-process.ts'
import { requireDisk } from '#lib/ops/start/require-disk.ts'
import { requireSafeLogin } from '#lib/ops/start/require-safe-login.ts'
import { settleShredding } from '#lib/ops/start/settle-shredding.ts'
import { type Step, makeSteps } from '#lib/ops/start/steps.ts'
import { openTlsFront } from '#lib/ops/start/tls-front.ts'
import { requireFreePort, startWeb } from '#lib/ops/start/web-process.ts'
import { keepWorker } from '#lib/ops/work/worker-process.ts'
import { outliveLogReaders } from '#lib/outlive-log-readers.ts'
import { type Env, parseEnv } from '#lib/parse-env.ts'

/*
 * `npm start` (and, with --dev, `npm run dev`): brings everything up in order, watches over it, and takes it down in the
 * reverse order. What each step does is in lib/ops.
 */
const root = fileURLToPath(new URL('..', import.meta.url))
const mode = process.argv.includes('--dev') ? 'dev' : 'start'

// The terminal or the parent may be gone before we are: that must not keep the databases from being closed.
outliveLogReaders()
const print = (line: string): void => void process.stdout.write(`${line}\n`)
const timedStep = makeSteps(print)

type Closing = (options: { immediately: boolean }) => Promise<void> | void

/** What is open, in the order in which it was opened. */
const open: Closing[] = []
const building = new AbortController()
let stoppingSince: number | undefined

/** Registers how something is closed; what opens while everything is being closed is closed right away. */
const onStop = async (close: Closing): Promise<void> => {
  if (stoppingSince === undefined) open.push(close)
  else await close({ immediately: false })
}

const step: Step = async (title, work) => {
  if (stoppingSince !== undefined) throw new Refused('Vigil was told to stop.')
  return timedStep(title, work)
}

/** Whatever happens, the databases are closed last, when nobody uses them any more. */
const closeAll = async (): Promise<void> => {
  building.abort()
  for (const close of open.splice(0).toReversed()) await close({ immediately: false })
}

const stop = async (): Promise<void> => {
  if (stoppingSince !== undefined) {
    // A terminal's Ctrl-C arrives once from npm and once from the shell; only a later one means "at once".
    if (Date.now() - stoppingSince < 1000) return
    for (const close of lastResort) void close({ immediately: true })
    setTimeout(() => process.exit(130), 500)
    return
  }
  stoppingSince = Date.now()
  lastResort.push(...open)
  print('\nStopping …')
  await closeAll()
  await started
  print('Vigil has stopped; everything is saved.')
  process.exit(0)
}

const lastResort: Closing[] = []

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => void stop())
process.on('disconnect', () => void stop())

const freePort = (): Promise<number> =>
  new Promise((resolve, reject) => {
    const probe = createServer().once('error', reject)
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address()
      probe.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0))
    })
  })

/** Opens the home for this process alone. */
const openAndLock = async (env: Env): Promise<Awaited<ReturnType<typeof lockHome>>> => {
  requireDisk(env.home)
  openHome(env.home, env.environment)
  const lock = await lockHome(env.home, 'start')
  await onStop(() => lock.release())
  makeMissingSecrets(env.home, env.environment)
  return lock
}

/** Starts the servers, and brings them and the keys to where this version wants them. */
const prepareData = async (env: Env): Promise<Awaited<ReturnType<typeof startDatabases>>> => {
  const databases = await step('Databases started', () => startDatabases(env))
  await onStop((options) => databases.stop(options))
  await step('Databases up to date', async () => {
    await bootstrapEmbedded(env)
    await migrateDatabases(env)
  })
  Object.assign(process.env, embeddedEnvironment(env, 'command'))
  await step('Keys ready', async () => {
    const { initialiseKeyStore } = await import('#lib/keys/initialise-key-store.ts')
    await initialiseKeyStore({
      ...env,
      keystoreUrl: databaseUrl(env, 'keystore'),
      keystoreOperatorUrl: findDatabaseUrl(env, 'keystore_operator'),
    })
    await requireSafeLogin(databaseUrl(env, 'app'))
  })
  makeMissingSealKey(env.home, env.url)
  return databases
}

const serve = async (env: Env): Promise<Awaited<ReturnType<typeof startWeb>>> => {
  const innerPort = env.tls === undefined ? env.port : await freePort()
  const web = await startWeb(
    {
      root,
      mode,
      address: env.tls === undefined ? env.listenAddress : '127.0.0.1',
      port: innerPort,
      signal: building.signal,
      environment: {
        ...embeddedEnvironment(env, 'web'),
        VIGIL_HOME: env.home,
        VIGIL_URL: env.url,
        ...(env.tls === undefined ? {} : { TRUSTED_PROXY: [...env.trustedProxies, '127.0.0.1'].join(',') }),
      },
    },
    process.env,
  )
  await onStop((options) => web.stop(options))
  if (env.tls !== undefined) {
    const front = await openTlsFront({
      ...env.tls,
      address: env.listenAddress,
      port: env.port,
      innerPort,
      trustedProxies: env.trustedProxies,
    })
    await onStop(() => front.close())
  }
  return web
}

/** What the worker is told beside this process's own settings. */
const workerEnvironment = (env: Env): NodeJS.ProcessEnv => ({
  ...process.env,
  ...embeddedEnvironment(env, 'command'),
  VIGIL_HOME: env.home,
  VIGIL_URL: env.url,
})

const start = async (): Promise<void> => {
  const env = parseEnv(process.env)
  requireClosedProcess(env.environment, nodeOptions(process.execArgv, process.env['NODE_OPTIONS']))
  print(`Vigil starts on ${env.home}`)
  const lock = await openAndLock(env)
  await requireFreePort(env.listenAddress, env.port)
  if (clearHalfLoadedDemo(env))
    print('  The last start was ended while it loaded the demo clinic; it is made afresh.')
  if (!clientIsCurrent(root))
    await step('Database client generated', () => generateClient(root, building.signal))
  // The slowest step needs no database: it runs beside the others.
  const pages =
    mode === 'dev' || buildIsCurrent(root)
      ? Promise.resolve()
      : step('Pages built', () => buildPages(root, building.signal))
  pages.catch(() => undefined)
  const databases = await prepareData(env)
  if (wantsDemo(env)) await step('Demo clinic loaded', () => fillDemo(env, print))
  const settled = await settleShredding(env, findDatabaseUrl(env, 'worker') !== undefined)
  if (settled !== null) print(`  ${settled}`)
  lock.noteServing()
  await onStop(keepKeys(env, findDatabaseUrl(env, 'worker') !== undefined))
  const sealerUrl = embeddedEnvironment(env, 'command')['DATABASE_SEALER_URL'] ?? env.databaseSealerUrl
  if (sealerUrl !== undefined)
    await onStop(
      keepSealer({
        root,
        home: env.home,
        environment: env.environment,
        url: sealerUrl,
        attestationKeyFile: env.attestationKeyFile,
        places: placeVariables(process.env),
      }),
    )
  if (findDatabaseUrl(env, 'worker') !== undefined)
    await onStop(keepWorker({ root, environment: workerEnvironment(env) }))
  await pages
  const web = await step('Web process ready', () => serve(env))
  lock.noteWeb(web.pid)
  print(`\nVigil is ready at ${env.url}`)
  if (readHome(env.home)?.demo === 'loaded') {
    print(`\nSign in as one of the demo clinic's people:\n\n${demoAccountTable(readDemoAccounts(env))}\n`)
    print('One-time code of any of them:  npm run vigil -- demo code EMAIL')
  }
  const end = await Promise.race([
    web.ended.then((how) => `The web process ${how}`),
    databases.ended.then((name) => `The ${name === 'data' ? 'database' : 'key store'} ended by itself`),
  ])
  if (stoppingSince !== undefined) return
  process.stderr.write(`${end}: Vigil stops. "vigil doctor" may say more; the logs are in ${env.home}.\n`)
  await closeAll()
  process.exit(1)
}

const failureText = (error: unknown): string => {
  if (error instanceof VigilError) return error.message
  return `Vigil could not start: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`
}

const started: Promise<void> = start().catch(async (error: unknown) => {
  if (stoppingSince !== undefined) return
  process.stderr.write(`${failureText(error)}\n`)
  await closeAll()
  process.exit(1)
})
await started
