import 'server-only'
import { createHash, randomBytes } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { mkdir, open, rename, rm } from 'node:fs/promises'
import path from 'node:path'
import { Readable } from 'node:stream'
import { StringDecoder } from 'node:string_decoder'
import { createGunzip, createGzip } from 'node:zlib'

import type { ArchiveSource } from '#lib/audit/archive/archive-source.ts'
import { openFile } from '#lib/crypto/open-file.ts'
import { sealFile } from '#lib/crypto/seal-file.ts'
import { archiveKey, makeMissingArchiveKey, saltLength } from './archive-key.ts'

/** Where archives lie, beside the databases and in none of their directories. */
export const archiveFolder = (home: string): string => path.join(home, 'archive')

/**
 * Writes an archive: its lines compressed, sealed and flushed to the disk before it gets its name.
 * @returns SHA-256 of the file as it lies there, hexadecimal
 */
export const writeArchiveFile = async (
  home: string,
  name: string,
  lines: AsyncIterable<string>,
): Promise<string> => {
  makeMissingArchiveKey(home)
  const file = path.join(archiveFolder(home), name)
  await mkdir(path.dirname(file), { recursive: true, mode: 0o700 })
  const salt = randomBytes(saltLength)
  const beside = `${file}.part`
  await rm(beside, { force: true })
  const handle = await open(beside, 'wx', 0o600)
  const digest = createHash('sha256').update(salt)
  try {
    await handle.write(salt)
    for await (const part of sealFile(archiveKey(home, salt), name, compress(lines))) {
      digest.update(part)
      await handle.write(part)
    }
    await handle.sync()
  } catch (error) {
    await rm(beside, { force: true })
    throw error
  } finally {
    await handle.close()
  }
  await rename(beside, file)
  return digest.digest('hex')
}

/** Begins when it is read: a fault that came before anybody listened would end the process. */
async function* compress(lines: AsyncIterable<string>): AsyncGenerator<Buffer, void, undefined> {
  yield* Readable.from(lines, { objectMode: true }).compose(createGzip()) as AsyncIterable<Buffer>
}

/**
 * The lines of an archive.
 * @throws CryptoError when the file was altered, cut, or is another one under this name; Refused without its key
 */
export async function* readArchiveFile(home: string, name: string): AsyncGenerator<string, void, undefined> {
  const file = path.join(archiveFolder(home), name)
  const head = createReadStream(file, { end: saltLength - 1 })
  const salt = Buffer.concat(await Array.fromAsync(head as AsyncIterable<Buffer>))
  const sealed = createReadStream(file, { start: saltLength }) as AsyncIterable<Buffer>
  // compose, unlike pipe, hands on what goes wrong before it
  const opened = Readable.from(openFile(archiveKey(home, salt), name, sealed)).compose(
    createGunzip(),
  ) as AsyncIterable<Buffer>
  const decoder = new StringDecoder('utf8')
  let rest = ''
  for await (const part of opened) {
    const lines = (rest + decoder.write(part)).split('\n')
    rest = lines.pop() ?? ''
    yield* lines
  }
  if (rest !== '') yield rest
}

/** SHA-256 of an archive's file, hexadecimal. */
export const digestArchiveFile = async (home: string, name: string): Promise<string> => {
  const digest = createHash('sha256')
  for await (const part of createReadStream(path.join(archiveFolder(home), name)))
    digest.update(part as Buffer)
  return digest.digest('hex')
}

/** The archives of a home, for the verifier. */
export const archiveSource = (home: string): ArchiveSource => ({
  lines: (name) => readArchiveFile(home, name),
})
