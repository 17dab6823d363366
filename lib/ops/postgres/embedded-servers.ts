import 'server-only'
import path from 'node:path'
import { Refused } from '#lib/errors.ts'
import { readHome } from '#lib/ops/home/open-home.ts'
import { type SecretName, readSecret, readSecrets, secretPath } from '#lib/ops/home/secrets.ts'
import { embeddedBinaries } from './binaries.ts'
import type { ClusterPlan } from './cluster.ts'
import { chooseConfinement, reachableBinaries } from './confinement.ts'
import { type ClusterPlaces, placeClusters } from './place-clusters.ts'
import { dataSettings, keystoreSettings } from './settings.ts'
import { socketUrl } from './socket-url.ts'

/** The two embedded servers: one holds the records, the other the keys, so that no backup holds both. */
export type ServerName = 'data' | 'keystore'

const servers = {
  data: {
    title: 'database',
    directory: 'pg',
    port: 5432,
    database: 'vigil',
    superuser: 'vigil_superuser',
    superuserSecret: 'vigil_superuser',
  },
  keystore: {
    title: 'key store',
    directory: 'keystore',
    port: 5433,
    database: 'vigil_keys',
    superuser: 'vigil_superuser',
    superuserSecret: 'keystore_superuser',
  },
} as const satisfies Record<ServerName, Record<string, string | number>>

/** Roles that `vigil db url` knows, with the server and login behind each. */
export const logins = {
  superuser: { server: 'data', login: 'vigil_superuser', secret: 'vigil_superuser' },
  owner: { server: 'data', login: 'vigil_owner', secret: 'vigil_owner' },
  app: { server: 'data', login: 'vigil_app', secret: 'vigil_app' },
  worker: { server: 'data', login: 'vigil_worker', secret: 'vigil_worker' },
  sealer: { server: 'data', login: 'vigil_sealer', secret: 'vigil_sealer' },
  audit_reader: { server: 'data', login: 'vigil_audit', secret: 'vigil_audit' },
  keystore_superuser: { server: 'keystore', login: 'vigil_superuser', secret: 'keystore_superuser' },
  keystore_owner: { server: 'keystore', login: 'vigil_keys_owner', secret: 'vigil_keys_owner' },
  keystore: { server: 'keystore', login: 'vigil_keys', secret: 'vigil_keys' },
  keystore_operator: { server: 'keystore', login: 'vigil_keys_operator', secret: 'vigil_keys_operator' },
} as const satisfies Record<string, { server: ServerName; login: string; secret: SecretName }>

export type LoginName = keyof typeof logins

export const isLoginName = (name: string): name is LoginName => Object.hasOwn(logins, name)

/** Database that a server holds. */
export const databaseOf = (server: ServerName): string => servers[server].database

const placesOf = (home: string): ClusterPlaces => {
  const content = readHome(home)
  if (content === undefined)
    throw new Refused(`${home} is not a home of Vigil: run "npm start" first, or check VIGIL_HOME.`)
  const root = content.clusters ?? home
  return { root, sockets: content.sockets ?? path.join(root, 'sockets') }
}

/** Data directory of a server, wherever the home says it is. */
export const dataDirectoryOf = (home: string, server: ServerName): string =>
  path.join(placesOf(home).root, servers[server].directory)

/**
 * Address of an embedded database for one login; its password is in it.
 * @param database another database of that server, such as `postgres`
 */
export const embeddedUrl = (
  home: string,
  name: LoginName,
  database: string = servers[logins[name].server].database,
): string =>
  socketUrl({
    socketDirectory: placesOf(home).sockets,
    port: servers[logins[name].server].port,
    login: logins[name].login,
    password: readSecret(home, logins[name].secret),
    database,
  })

/** The same with its password left in its file: for processes that live on while the password is changed. */
export const embeddedAddress = (
  home: string,
  name: LoginName,
  database: string = servers[logins[name].server].database,
): string => {
  const url = socketUrl({
    socketDirectory: placesOf(home).sockets,
    port: servers[logins[name].server].port,
    login: logins[name].login,
    database,
  })
  return `${url}&password_file=${encodeURIComponent(secretPath(home, logins[name].secret))}`
}

/** How the servers of a home are to be started here and now. */
export const planServers = (home: string): Record<ServerName, ClusterPlan> => {
  const found = embeddedBinaries()
  const confinement = chooseConfinement(home, found)
  const places = placeClusters(home, confinement)
  const binaries = reachableBinaries(confinement, found, places.root)
  const plan = (server: ServerName): ClusterPlan => {
    const [password, comingPassword] = readSecrets(home, servers[server].superuserSecret)
    return { ...planWith(server), password, ...(comingPassword === undefined ? {} : { comingPassword }) }
  }
  const planWith = (server: ServerName): Omit<ClusterPlan, 'password'> => ({
    name: servers[server].title,
    dataDirectory: path.join(places.root, servers[server].directory),
    socketDirectory: places.sockets,
    port: servers[server].port,
    superuser: servers[server].superuser,
    logFile: path.join(home, `${servers[server].directory}.log`),
    settings: server === 'data' ? dataSettings() : keystoreSettings(),
    binaries,
    confinement,
  })
  return { data: plan('data'), keystore: plan('keystore') }
}
