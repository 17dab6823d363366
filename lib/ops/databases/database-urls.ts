import 'server-only'
import type { Env } from '#lib/parse-env.ts'
import { NotConfigured } from '#lib/errors.ts'
import { type LoginName, type ServerName, embeddedUrl, logins } from '#lib/ops/postgres/embedded-servers.ts'

/** Which servers are embedded: those for which no address was given. */
export const embeddedServers = (env: Env): ServerName[] => [
  ...(env.databaseUrl === undefined ? (['data'] as const) : []),
  ...(env.keystoreUrl === undefined ? (['keystore'] as const) : []),
]

const given = (env: Env): Partial<Record<LoginName, { variable: string; url: string | undefined }>> => ({
  app: { variable: 'DATABASE_URL', url: env.databaseUrl },
  worker: { variable: 'DATABASE_WORKER_URL', url: env.databaseWorkerUrl },
  sealer: { variable: 'DATABASE_SEALER_URL', url: env.databaseSealerUrl },
  audit_reader: { variable: 'DATABASE_AUDIT_URL', url: env.databaseAuditUrl },
  owner: { variable: 'DATABASE_OWNER_URL', url: env.databaseOwnerUrl },
  keystore: { variable: 'KEYSTORE_URL', url: env.keystoreUrl },
  keystore_owner: { variable: 'KEYSTORE_OWNER_URL', url: env.keystoreOwnerUrl },
})

/** Address for a login, as given in the settings or of the embedded server; undefined when neither is there. */
export const findDatabaseUrl = (env: Env, login: LoginName): string | undefined =>
  embeddedServers(env).includes(logins[login].server) ? embeddedUrl(env.home, login) : given(env)[login]?.url

/** @throws NotConfigured naming the variable that is missing */
export const databaseUrl = (env: Env, login: LoginName): string => {
  const url = findDatabaseUrl(env, login)
  if (url !== undefined) return url
  const variable = given(env)[login]?.variable
  throw new NotConfigured(
    variable === undefined
      ? `Vigil has no login "${login}" on a database that is not its own: use your administrator's.`
      : `${variable} is missing: set it to the address of your database as login ${logins[login].login}.`,
  )
}
