import 'server-only'
import type { Env } from '#lib/parse-env.ts'
import { settleSecrets } from '#lib/ops/credentials/settle-secrets.ts'
import { type Cluster, startCluster } from '#lib/ops/postgres/cluster.ts'
import { type ServerName, planServers } from '#lib/ops/postgres/embedded-servers.ts'
import { embeddedServers } from './database-urls.ts'

export type Databases = {
  /** resolves with the name of the first server that ended, whether it was told to or not */
  readonly ended: Promise<ServerName>
  readonly stop: (options?: { immediately?: boolean }) => Promise<void>
}

/**
 * Starts the embedded servers that these settings want (none, one or two), side by side.
 * The caller holds the home's lock. If one cannot start, none is left running.
 * @throws Refused with the reason in one sentence
 */
export const startDatabases = async (env: Env): Promise<Databases> => {
  const names = embeddedServers(env)
  if (names.length === 0) return { ended: new Promise(() => undefined), stop: () => Promise.resolve() }
  const plans = planServers(env.home)
  const results = await Promise.allSettled(names.map((name) => startCluster(plans[name])))
  const clusters: { name: ServerName; cluster: Cluster }[] = []
  for (const [index, result] of results.entries()) {
    const name = names[index]
    if (result.status === 'fulfilled' && name !== undefined) clusters.push({ name, cluster: result.value })
  }
  const stop = async (options: { immediately?: boolean } = {}): Promise<void> => {
    await Promise.all(clusters.map(({ cluster }) => cluster.stop(options)))
  }
  const failed = results.find((result) => result.status === 'rejected')
  if (failed !== undefined) {
    await stop()
    throw failed.reason
  }
  try {
    await settleSecrets(env)
  } catch (error) {
    await stop()
    throw error
  }
  return {
    ended: Promise.race(clusters.map(({ name, cluster }) => cluster.ended.then(() => name))),
    stop,
  }
}
