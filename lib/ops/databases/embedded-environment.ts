import 'server-only'
import type { Env } from '#lib/parse-env.ts'
import { readHome } from '#lib/ops/home/open-home.ts'
import { secretPath } from '#lib/ops/home/secrets.ts'
import { embeddedAddress } from '#lib/ops/postgres/embedded-servers.ts'
import { embeddedServers } from './database-urls.ts'

const variables = {
  DATABASE_URL: 'app',
  DATABASE_WORKER_URL: 'worker',
  DATABASE_SEALER_URL: 'sealer',
  DATABASE_AUDIT_URL: 'audit_reader',
  KEYSTORE_URL: 'keystore',
  KEYSTORE_OPERATOR_URL: 'keystore_operator',
} as const

/** The logins that a serving process is told: whoever holds it holds them too. */
const webLogins: readonly string[] = ['app', 'keystore']

/**
 * Variables that tell another process about the embedded servers of this home, and its secrets. No owner's or
 * superuser's address is among them, nor, for the web process, any login but its own two. Secrets are named by
 * their files, so that `vigil db rotate-credentials` can change them while the process runs.
 */
export const embeddedEnvironment = (env: Env, reader: 'web' | 'command'): Record<string, string> => {
  const kind = readHome(env.home)?.kind
  if (kind === undefined) return {}
  const embedded = embeddedServers(env)
  const found: Record<string, string> = { VIGIL_HOME: env.home, VIGIL_ENV: kind }
  for (const [variable, login] of Object.entries(variables)) {
    const isKeystore = login === 'keystore' || login === 'keystore_operator'
    if (!embedded.includes(isKeystore ? 'keystore' : 'data')) continue
    if (reader === 'web' && !webLogins.includes(login)) continue
    found[variable] = embeddedAddress(env.home, login)
  }
  if (env.sessionSecret === undefined && env.sessionSecretFile === undefined)
    found['SESSION_SECRET_FILE'] = secretPath(env.home, 'session')
  return found
}
