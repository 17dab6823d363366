import 'server-only'
import { createHash, randomBytes } from 'node:crypto'
import { mkdir, open, rm } from 'node:fs/promises'

import { exportFile, exportFolder, sealedFileName } from '#lib/audit/export/export-file.ts'
import { sealFile } from '#lib/crypto/seal-file.ts'
import { SecretKey } from '#lib/crypto/secret-key.ts'
import type { ExportPlan } from './export-plan.ts'

export type WrittenFile = {
  /** the file's key in base64; nothing else has it */
  readonly key: string
  /** of the content, not of the sealed file */
  readonly bytes: number
  readonly sha256: Buffer
}

/**
 * Writes an export's file, sealed under a key of its own while it is made: no plain byte of it ever lies on the disk. It is there whole,
 * and on the disk for certain, when this resolves; when it throws nothing is left.
 */
export async function writeSealedFile(
  home: string,
  plan: ExportPlan,
  content: AsyncIterable<Buffer>,
): Promise<WrittenFile> {
  const raw = randomBytes(32)
  const text = raw.toString('base64')
  // It takes the bytes and overwrites ours.
  const key = new SecretKey(raw)
  const hash = createHash('sha256')
  let bytes = 0
  const watched = async function* (): AsyncGenerator<Buffer, void, undefined> {
    for await (const part of content) {
      hash.update(part)
      bytes += part.length
      yield part
    }
  }
  await mkdir(exportFolder(home), { recursive: true, mode: 0o700 })
  const name = exportFile(home, plan.exportId, plan.attempt)
  const file = await open(name, 'wx', 0o600)
  try {
    for await (const piece of sealFile(key, sealedFileName(plan.exportId, plan.attempt), watched()))
      await file.write(piece)
    await file.sync()
  } catch (error) {
    await file.close()
    await rm(name, { force: true })
    throw error
  }
  await file.close()
  return { key: text, bytes, sha256: hash.digest() }
}
