import { randomBytes } from 'node:crypto'
import { closeSync, fsyncSync, openSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'

/**
 * How long a former session secret is accepted after a change: as long as the slowest sign-in may take (fifteen
 * minutes), so that nobody has to begin again, and a minute more.
 */
export const formerSecretSeconds = 16 * 60

/**
 * A secret in a file of its own, so that it can be changed while processes run that use it: they read the file again.
 * The first line is the secret. While a change is under way a second line counts as well: for a password the coming one,
 * for the session secret the former one. One file and one rename per step: there is no moment at which a killed change
 * leaves neither.
 * @throws the file system's own errors
 */
export const readSecretLines = (file: string): string[] =>
  readFileSync(file, 'utf8')
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')
    .slice(0, 2)

/** Replaces a secret's file, whole or not at all and lastingly, with mode 0600. */
export const writeSecretLines = (file: string, lines: readonly [string, string?]): void => {
  const folder = path.dirname(file)
  const beside = path.join(folder, `.${path.basename(file)}.${randomBytes(6).toString('hex')}`)
  try {
    const handle = openSync(beside, 'wx', 0o600)
    try {
      writeFileSync(handle, lines.join('\n'))
      fsyncSync(handle)
    } finally {
      closeSync(handle)
    }
    renameSync(beside, file)
  } finally {
    rmSync(beside, { force: true })
  }
  // Without this a power cut can bring the former name back.
  const directory = openSync(folder, 'r')
  try {
    fsyncSync(directory)
  } finally {
    closeSync(directory)
  }
}
