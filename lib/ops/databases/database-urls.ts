import 'server-only'
import type { Env } from '#lib/parse-env.ts'
import { NotConfigured } from '#lib/errors.ts'
import { type LoginName, type ServerName, embeddedUrl, logins } from '#lib/ops/postgres/embedded-servers.ts'

/** Which servers are embedded: those for which no address was given. */
export const embeddedServers = (env: Env): ServerName[] => [
  ...(env.databaseUrl === undefined ? (['data'] as const) : []),
  ...(env.keystoreUrl === undefined ? (['keystore'] as const) : []),
]

const variables: Partial<Record<LoginName, string>> = {
  app: 'DATABASE_URL',
  worker: 'DATABASE_WORKER_URL',
  sealer: 'DATABASE_SEALER_URL',
  audit_reader: 'DATABASE_AUDIT_URL',
  owner: 'DATABASE_OWNER_URL',
  keystore: 'KEYSTORE_URL',
  keystore_operator: 'KEYSTORE_OPERATOR_URL',
  keystore_owner: 'KEYSTORE_OWNER_URL',
}

const given = (env: Env): Partial<Record<LoginName, string | undefined>> => ({
  app: env.databaseUrl,
  worker: env.databaseWorkerUrl,
  sealer: env.databaseSealerUrl,
  audit_reader: env.databaseAuditUrl,
  owner: env.databaseOwnerUrl,
  keystore: env.keystoreUrl,
  keystore_operator: env.keystoreOperatorUrl,
  keystore_owner: env.keystoreOwnerUrl,
})

/** The setting that names a login's address; none for the superusers. */
export const variableOf = (login: LoginName): string | undefined => variables[login]

/** Address for a login, as given in the settings or of the embedded server; undefined when neither is there. */
export const findDatabaseUrl = (env: Env, login: LoginName): string | undefined =>
  embeddedServers(env).includes(logins[login].server) ? embeddedUrl(env.home, login) : given(env)[login]

/** @throws NotConfigured naming the variable that is missing */
export const databaseUrl = (env: Env, login: LoginName): string => {
  const url = findDatabaseUrl(env, login)
  if (url !== undefined) return url
  const variable = variableOf(login)
  throw new NotConfigured(
    variable === undefined
      ? `Vigil has no login "${login}" on a database that is not its own: use your administrator's.`
      : `${variable} is missing: set it to the address of your database as login ${logins[login].login}.`,
  )
}
