import 'server-only'
import { randomBytes } from 'node:crypto'
import { mkdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { demoSecretPrefix } from '#lib/parse-env.ts'
import { Refused } from '#lib/errors.ts'
import { readSecretLines } from '#lib/secret-file.ts'

/** Logins of the embedded databases and the web's own secret; each has a file of its own, mode 0600, in `secrets/`. */
export const secretNames = [
  'vigil_superuser',
  'vigil_owner',
  'vigil_app',
  'vigil_worker',
  'vigil_sealer',
  'vigil_audit',
  'keystore_superuser',
  'vigil_keys_owner',
  'vigil_keys',
  'vigil_keys_operator',
  'session',
] as const

export type SecretName = (typeof secretNames)[number]

const secretFile = (home: string, name: SecretName): string => path.join(home, 'secrets', name)

/** Path of a secret's file, for programs that read it themselves (initdb --pwfile). */
export const secretPath = secretFile

/** 256 random bits, marked in a demo so that production refuses them. */
export const newSecret = (kind: 'demo' | 'production'): string =>
  `${kind === 'demo' ? demoSecretPrefix : ''}${randomBytes(32).toString('base64url')}`

/** Makes every secret that is missing. */
export const makeMissingSecrets = (home: string, kind: 'demo' | 'production'): void => {
  mkdirSync(path.join(home, 'secrets'), { recursive: true, mode: 0o700 })
  for (const name of secretNames) {
    try {
      writeFileSync(secretFile(home, name), newSecret(kind), { mode: 0o600, flag: 'wx' })
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error
    }
  }
}

/**
 * A secret, and behind it the one that is replacing it while a change is under way.
 * @throws Refused when the home has no such secret
 */
export const readSecrets = (home: string, name: SecretName): [string, string?] => {
  try {
    const [first, second] = readSecretLines(secretFile(home, name))
    if (first !== undefined) return second === undefined ? [first] : [first, second]
  } catch {
    // told below
  }
  throw new Refused(
    `The secret ${name} cannot be read in ${home}: run "npm start" once as the user who owns that directory, or check VIGIL_HOME.`,
  )
}

/** @throws Refused when the home has no such secret */
export const readSecret = (home: string, name: SecretName): string => readSecrets(home, name)[0]
