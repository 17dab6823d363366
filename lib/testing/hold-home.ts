import { parseEnv } from '#lib/parse-env.ts'
import { bootstrapEmbedded, migrateDatabases } from '#lib/ops/databases/prepare-databases.ts'
import { startDatabases } from '#lib/ops/databases/start-databases.ts'
import { lockHome } from '#lib/ops/home/lock.ts'
import { openHome } from '#lib/ops/home/open-home.ts'
import { makeMissingSecrets } from '#lib/ops/home/secrets.ts'

/*
 * What `npm start` does up to the web process, for tests that need a home in use and not its pages: prints "serving",
 * and holds the home until it is ended.
 */
const env = parseEnv(process.env)
openHome(env.home, env.environment)
const lock = await lockHome(env.home, 'start')
makeMissingSecrets(env.home, env.environment)
const databases = await startDatabases(env)
await bootstrapEmbedded(env)
await migrateDatabases(env)
lock.noteServing()
process.stdout.write('serving\n')
const end = (): void => {
  void databases.stop().then(() => {
    lock.release()
    process.exit(0)
  })
}
process.once('SIGTERM', end)
process.once('disconnect', end)
await databases.ended
