import 'server-only'
import { existsSync } from 'node:fs'
import { hasOwnPassword, passwordFileOf } from '#lib/connection-url.ts'
import { embeddedServers, findDatabaseUrl, variableOf } from '#lib/ops/databases/database-urls.ts'
import { secretPath } from '#lib/ops/home/secrets.ts'
import { type LoginName, embeddedAddress, isLoginName, logins } from '#lib/ops/postgres/embedded-servers.ts'
import type { Env } from '#lib/parse-env.ts'

/** A password that Vigil can change: where it stands, and an address that reads it from there. */
export type LoginCredential = { readonly name: LoginName; readonly file: string; readonly url: string }

/** A password or secret that somebody else has to change, and why. */
export type ForeignCredential = { readonly name: LoginName | 'session'; readonly why: string }

export type Credentials = {
  readonly logins: readonly LoginCredential[]
  /** file of the session secret, when it stands in one */
  readonly sessionFile: string | undefined
  readonly foreign: readonly ForeignCredential[]
}

const names = Object.keys(logins).filter(isLoginName)

const foreignReason = (env: Env, name: LoginName): string | undefined => {
  const url = findDatabaseUrl(env, name)
  const variable = variableOf(name)
  if (url === undefined || variable === undefined) return undefined
  return hasOwnPassword(url)
    ? `${variable} holds the password itself, and processes that run would not learn of a new one: put it into a file and write ?password_file=/path in the address`
    : `${variable} names no password_file`
}

/**
 * Passwords of all database logins and the session secret: those that can be changed from here, and those that cannot.
 * The embedded servers' are in the home. Another server's can be changed when its address names a password file.
 */
export const listCredentials = (env: Env): Credentials => {
  const embedded = embeddedServers(env)
  const own: LoginCredential[] = []
  const foreign: ForeignCredential[] = []
  for (const name of names) {
    if (embedded.includes(logins[name].server)) {
      const file = secretPath(env.home, logins[name].secret)
      own.push({ name, file, url: embeddedAddress(env.home, name) })
      continue
    }
    const url = findDatabaseUrl(env, name)
    const file = url === undefined ? undefined : passwordFileOf(url)
    if (url !== undefined && file !== undefined) own.push({ name, file, url })
    else {
      const why = foreignReason(env, name)
      if (why !== undefined) foreign.push({ name, why })
    }
  }
  if (env.sessionSecret !== undefined)
    foreign.push({
      name: 'session',
      why: 'SESSION_SECRET holds the secret itself: put it into a file and name that in SESSION_SECRET_FILE',
    })
  const inHome = secretPath(env.home, 'session')
  const sessionFile =
    env.sessionSecretFile ?? (env.sessionSecret === undefined && existsSync(inHome) ? inHome : undefined)
  return { logins: own, sessionFile, foreign }
}
