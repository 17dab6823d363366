import { env } from '#lib/env.ts'
import { nodeOptions, requireClosedProcess } from '#lib/ops/start/require-closed-process.ts'
import { jobs } from '#lib/ops/work/jobs.ts'
import { runWorker } from '#lib/ops/work/run-worker.ts'
import { outliveLogReaders } from '#lib/outlive-log-readers.ts'

/*
 * The process that does what nobody waits for: periodic jobs, and exports of the trail. It knows the worker's login and the key
 * store, and neither an owner's nor the sealer's; `npm start` starts it and ends it.
 */
outliveLogReaders()
requireClosedProcess(env.environment, nodeOptions(process.execArgv, process.env['NODE_OPTIONS']))
const stopping = new AbortController()
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => stopping.abort())
process.on('disconnect', () => stopping.abort())
if (env.databaseWorkerUrl === undefined) {
  process.stderr.write(
    'DATABASE_WORKER_URL is missing: set it to the address of your database as login vigil_worker.\n',
  )
  process.exit(1)
}
await runWorker({
  url: env.databaseWorkerUrl,
  jobs,
  home: env.home,
  host: new URL(env.url).host,
  signal: stopping.signal,
})
if (process.connected) process.disconnect?.()
