import { outliveLogReaders } from '#lib/outlive-log-readers.ts'
import { parseEnv } from '#lib/parse-env.ts'
import { runSealer } from '#lib/ops/seal/run-sealer.ts'
import { openAnchors } from '#lib/ops/seal/open-anchors.ts'
import { verifyWhenDue } from '#lib/ops/seal/verify-when-due.ts'

/*
 * The process that seals the audit trail. It knows the sealer's login and the sealing key, and neither the records' nor the
 * keys' addresses; `npm start` starts it and ends it.
 */
outliveLogReaders()
const env = parseEnv(process.env)
const stopping = new AbortController()
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => stopping.abort())
process.on('disconnect', () => stopping.abort())
if (env.databaseSealerUrl === undefined) {
  process.stderr.write(
    'DATABASE_SEALER_URL is missing: set it to the address of your database as login vigil_sealer.\n',
  )
  process.exit(1)
}
const anchors = await openAnchors(env)
const plan = { url: env.databaseSealerUrl, home: env.home, signal: stopping.signal }
await Promise.all([runSealer({ ...plan, anchors }), verifyWhenDue({ ...plan, anchors: anchors.all })])
if (process.connected) process.disconnect?.()
