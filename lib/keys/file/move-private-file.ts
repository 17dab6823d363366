import 'server-only'
import { rename } from 'node:fs/promises'
import path from 'node:path'

import { flushFolder } from './flush-folder.ts'

/** Moves a file over another one of the same folder, whole or not at all, and lastingly. */
export async function movePrivateFile(from: string, to: string): Promise<void> {
  await rename(from, to)
  await flushFolder(path.dirname(to))
}
