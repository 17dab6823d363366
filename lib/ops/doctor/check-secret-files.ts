import 'server-only'
import { existsSync, statSync } from 'node:fs'
import path from 'node:path'
import { type LoginCredential, listCredentials } from '#lib/ops/credentials/list-credentials.ts'
import { holdsExpiredSecret, secretsOf, unfinishedChanges } from '#lib/ops/credentials/settle-secrets.ts'
import { homeOwner } from '#lib/ops/home/lock.ts'
import type { Env } from '#lib/parse-env.ts'
import { type Check, none } from './finding.ts'

const modeOf = (file: string): string => (statSync(file).mode & 0o777).toString(8).padStart(4, '0')

/** Password files outside of the home, which the check of the home does not see. */
const checkModes = (env: Env, logins: readonly LoginCredential[], sessionFile: string | undefined): Check => {
  const files = [...logins.map(({ file }) => file), ...(sessionFile === undefined ? [] : [sessionFile])]
  const open = files
    .filter((file) => path.dirname(file) !== secretsOf(env.home) && existsSync(file))
    // A group of its own may read a mounted secret; nobody may write it but its owner, and nobody else read it.
    .filter((file) => (statSync(file).mode & 0o037) !== 0)
    .map((file) => `${file} (${modeOf(file)})`)
  return none('secrets: password files', open, 'closed to others', 'run chmod 640 or less on it.')
}

/** A change of passwords that was cut short, and a former session secret whose time is over. */
const checkLeftOver = (env: Env, sessionFile: string | undefined): Check => {
  const isUnderWay = homeOwner(secretsOf(env.home)) !== undefined
  const left = [
    ...(isUnderWay ? [] : unfinishedChanges(env).map(({ name }) => `password of ${name}`)),
    ...(sessionFile !== undefined && holdsExpiredSecret(sessionFile) ? ['former session secret'] : []),
  ]
  return none(
    'secrets: nothing left over',
    left,
    isUnderWay ? 'a change is under way' : 'no former password or secret is kept',
    'still there after a change; run "vigil db rotate-credentials" to its end.',
  )
}

/** Files that hold passwords and secrets: who may read them, and whether an old one is left in them. */
export const checkSecretFiles = (env: Env): Check[] => {
  const { logins, sessionFile } = listCredentials(env)
  return [checkModes(env, logins, sessionFile), checkLeftOver(env, sessionFile)]
}
