import 'server-only'
import { randomBytes } from 'node:crypto'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { demoSecretPrefix } from '#lib/parse-env.ts'
import { Refused } from '#lib/errors.ts'

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
  'session',
] as const

export type SecretName = (typeof secretNames)[number]

const secretFile = (home: string, name: SecretName): string => path.join(home, 'secrets', name)

/** Path of a secret's file, for programs that read it themselves (initdb --pwfile). */
export const secretPath = secretFile

/** Makes every secret that is missing: 256 random bits, marked in a demo so that production refuses them. */
export const makeMissingSecrets = (home: string, kind: 'demo' | 'production'): void => {
  mkdirSync(path.join(home, 'secrets'), { recursive: true, mode: 0o700 })
  for (const name of secretNames) {
    const value = `${kind === 'demo' ? demoSecretPrefix : ''}${randomBytes(32).toString('base64url')}`
    try {
      writeFileSync(secretFile(home, name), value, { mode: 0o600, flag: 'wx' })
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error
    }
  }
}

/** @throws Refused when the home has no such secret */
export const readSecret = (home: string, name: SecretName): string => {
  try {
    return readFileSync(secretFile(home, name), 'utf8').trim()
  } catch {
    throw new Refused(
      `The secret ${name} cannot be read in ${home}: run "npm start" once as the user who owns that directory, or check VIGIL_HOME.`,
    )
  }
}
