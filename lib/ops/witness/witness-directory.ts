import 'server-only'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { open } from 'node:fs/promises'
import path from 'node:path'

import { Refused } from '#lib/errors.ts'
import {
  formatVerifierKey,
  makeSignerKey,
  parseVerifierKey,
  readSignerKey,
  type SignerKey,
  type VerifierKey,
} from '#lib/merkle/note-key.ts'
import { readLastLine } from '#lib/ops/seal/read-last-line.ts'
import { writeOnce } from '#lib/ops/seal/write-once.ts'

/*
 * A witness's directory: its key (`key.pem`, `name`), what others check its signatures by (`witness-key.txt`), the logs that it
 * watches (`logs.txt`, one verifier key a line), and under `seen` one file per log with every checkpoint that it signed.
 */

/** Makes the key of a witness where there is none. @returns the signer */
export function openWitnessKey(directory: string, name: string): SignerKey {
  const keyFile = path.join(directory, 'key.pem')
  if (!existsSync(keyFile)) {
    const made = makeSignerKey(name, 'cosignature')
    writeOnce(path.join(directory, 'name'), `${name}\n`, 0o600)
    writeOnce(keyFile, made.key.export({ type: 'pkcs8', format: 'pem' }).toString(), 0o600)
  }
  const kept = readFileSync(path.join(directory, 'name'), 'utf8').trim()
  const signer = readSignerKey(kept, readFileSync(keyFile, 'utf8'), 'cosignature')
  writeOnce(path.join(directory, 'witness-key.txt'), `${formatVerifierKey(signer.verifier)}\n`, 0o644)
  return signer
}

/** The keys of the logs that this witness watches. @throws Refused when a line is no verifier key */
export function readWatchedLogs(directory: string): VerifierKey[] {
  const file = path.join(directory, 'logs.txt')
  if (!existsSync(file)) return []
  try {
    return readFileSync(file, 'utf8')
      .split('\n')
      .filter((line) => line.trim() !== '')
      .map((line) => parseVerifierKey(line))
  } catch (cause) {
    throw new Refused(
      `${file} holds a line that is no verifier key: put each log’s key on a line of its own.`,
      { cause },
    )
  }
}

/** Adds a log to those that this witness watches, if it is not among them. */
export function watchLog(directory: string, key: VerifierKey): void {
  const known = readWatchedLogs(directory).some((each) => formatVerifierKey(each) === formatVerifierKey(key))
  if (!known)
    writeFileSync(path.join(directory, 'logs.txt'), `${formatVerifierKey(key)}\n`, { flag: 'a', mode: 0o600 })
}

/** A log's name in file names and addresses: SHA-256 of its origin, in hex. */
export const logId = (origin: string): string => createHash('sha256').update(origin).digest('hex')

const seenFile = (directory: string, id: string): string => path.join(directory, 'seen', `${id}.ndjson`)

/** The newest checkpoint that was signed for a log, with the signature. */
export const readSeen = (directory: string, id: string): Promise<string | undefined> =>
  readLastLine(seenFile(directory, id), (line) => {
    try {
      const parsed: unknown = JSON.parse(line)
      return typeof parsed === 'string' ? parsed : undefined
    } catch {
      return undefined
    }
  })

/** Keeps a signed checkpoint; on return it is on the disk. */
export async function keepSeen(directory: string, id: string, note: string): Promise<void> {
  mkdirSync(path.join(directory, 'seen'), { recursive: true, mode: 0o700 })
  const handle = await open(seenFile(directory, id), 'a', 0o600)
  try {
    // A line that a crash cut off is ended first, so that it spoils no other.
    await handle.appendFile(`\n${JSON.stringify(note)}\n`)
    await handle.datasync()
  } finally {
    await handle.close()
  }
}

/**
 * Takes a directory for this process: two witnesses with one key on one directory could sign two histories.
 * @returns the function that gives it back
 * @throws Refused while another process has it
 */
export function holdDirectory(directory: string): () => void {
  mkdirSync(directory, { recursive: true, mode: 0o700 })
  const file = path.join(directory, 'pid')
  if (existsSync(file) && isAlive(Number(readFileSync(file, 'utf8')))) {
    throw new Refused(`Another witness works in ${directory}: end it, or take another directory.`)
  }
  rmSync(file, { force: true })
  writeFileSync(file, `${process.pid}`, { flag: 'wx', mode: 0o600 })
  return () => rmSync(file, { force: true })
}

const isAlive = (pid: number): boolean => {
  try {
    return Number.isInteger(pid) && pid > 0 && pid !== process.pid && process.kill(pid, 0)
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM'
  }
}
