import 'server-only'
import { setTimeout as sleep } from 'node:timers/promises'
import { withoutPasswordFile } from '#lib/connection-url.ts'
import { isWrongPassword, makeClient, openClient, passwordUsedBy } from '#lib/db/open-client.ts'
import { Refused } from '#lib/errors.ts'
import { scramVerifier } from '#lib/ops/migrate/scram-verifier.ts'
import { writeSecretLines } from '#lib/secret-file.ts'
import type { LoginCredential } from './list-credentials.ts'

/** A login whose password is another one now. Connections that began before `since` may have used the former one. */
export type ChangedLogin = LoginCredential & { readonly former: string; readonly since: string }

/** What has just been done, for whoever waits (and for the tests that end the process there). */
export type Step = 'announced' | 'changed' | 'kept'

/**
 * How long a connection may take from reaching the server to reading the password file. Connections that begin within this
 * time before `since` hold the new password already; those before read the file while it had both lines, and are renewed.
 */
const settlingMilliseconds = 1000

type Under = LoginCredential & { current: string; next: string }

/** Writes the coming password below the present one: from here on every process finds the right one, whatever happens. */
const announce = async (credential: LoginCredential, next: string): Promise<Under> => {
  const client = await openClient(credential.url)
  const current = passwordUsedBy(client)?.password
  await client.end()
  if (current === undefined) throw new Refused(`The password of ${credential.name} is not in a file.`)
  writeSecretLines(credential.file, [current, next])
  return { ...credential, current, next }
}

/** A login may change its own password; what travels is the verifier (RFC 5802), never the password. */
const change = async ({ url, next }: Under): Promise<void> => {
  const client = await openClient(url)
  try {
    await client.query(`ALTER ROLE CURRENT_USER PASSWORD '${scramVerifier(next)}'`)
  } finally {
    await client.end()
  }
}

const keep = async (login: Under): Promise<ChangedLogin> => {
  const client = await openClient(login.url)
  try {
    const { rows } = await client.query<{ since: string }>(
      `SELECT (clock_timestamp() - $1 * interval '1 millisecond')::text AS since`,
      [settlingMilliseconds / 2],
    )
    const since = rows[0]?.since
    if (since === undefined) throw new Refused('The database did not say what time it is.')
    writeSecretLines(login.file, [login.next])
    const { name, file, url } = login
    return { name, file, url, former: login.current, since }
  } finally {
    await client.end()
  }
}

/**
 * Gives logins new passwords while they are in use. At every instant the file holds the password that the server takes,
 * alone or as one of two lines that are both tried; a process that is killed anywhere in here leaves no other state.
 * @param makeSecret makes a password; base64url, as SCRAM's normalisation leaves it alone
 * @throws Refused, and pg's errors as they are
 */
export const changePasswords = async (
  credentials: readonly LoginCredential[],
  makeSecret: () => string,
  done: (step: Step, name: LoginCredential['name']) => void = () => undefined,
): Promise<ChangedLogin[]> => {
  const under: Under[] = []
  for (const credential of credentials) {
    under.push(await announce(credential, makeSecret()))
    done('announced', credential.name)
  }
  for (const login of under) {
    await change(login)
    done('changed', login.name)
  }
  await sleep(settlingMilliseconds)
  const changed: ChangedLogin[] = []
  for (const login of under) {
    changed.push(await keep(login))
    done('kept', login.name)
  }
  return changed
}

/** Whether the server refuses the former password now. @throws other failures than a refusal */
export const formerIsRefused = async ({ url, former }: ChangedLogin): Promise<boolean> => {
  const client = makeClient(withoutPasswordFile(url))
  client.on('error', () => undefined)
  Object.assign(client, { password: former })
  try {
    await client.connect()
    return false
  } catch (error) {
    if (isWrongPassword(error)) return true
    throw error
  } finally {
    await client.end().catch(() => undefined)
  }
}
