import 'server-only'
import { createReadStream } from 'node:fs'

import { openFile } from '#lib/crypto/open-file.ts'
import { SecretKey } from '#lib/crypto/secret-key.ts'
import { exportFile, sealedFileName } from './export-file.ts'

/** The key of an export's file as app.sealed_text holds it: 32 bytes in base64. */
const readFileKey = (text: string): SecretKey => new SecretKey(Buffer.from(text, 'base64'))

/**
 * Opens the file of an export, piece by piece; ends in an error when it was altered, cut or taken away, and then what came before is to
 * be thrown away.
 * @param key in base64, from app.sealed_text
 */
export const readExportFile = (
  home: string,
  exportId: string,
  attempt: number,
  key: string,
): AsyncGenerator<Buffer, void, undefined> =>
  openFile(
    readFileKey(key),
    sealedFileName(exportId, attempt),
    createReadStream(exportFile(home, exportId, attempt)),
  )
