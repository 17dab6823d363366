import 'server-only'
import { randomBytes } from 'node:crypto'
import { link, mkdir, open, readdir, rename, rm } from 'node:fs/promises'
import path from 'node:path'

import { flushFolder } from './flush-folder.ts'

/**
 * Puts a file in place whole or not at all, and lastingly: written beside its place with mode 0600, flushed, moved
 * over the old one, and the directory flushed too (without that a power cut can bring the old name back).
 * @param mode `create` fails with EEXIST when the file is there already. `replace` is for one writer at a time: it also takes
 * away what killed writers left beside the file.
 */
export async function writePrivateFile(
  file: string,
  text: string,
  mode: 'create' | 'replace',
): Promise<void> {
  const folder = path.dirname(file)
  await mkdir(folder, { recursive: true, mode: 0o700 })
  if (mode === 'replace') await sweep(folder, path.basename(file))
  const beside = path.join(folder, `.${path.basename(file)}.${randomBytes(6).toString('hex')}`)
  try {
    const written = await open(beside, 'wx', 0o600)
    try {
      await written.writeFile(text)
      await written.sync()
    } finally {
      await written.close()
    }
    // A hard link refuses an existing name; a rename replaces it.
    if (mode === 'create') await link(beside, file)
    else await rename(beside, file)
  } finally {
    await rm(beside, { force: true })
  }
  await flushFolder(folder)
}

async function sweep(folder: string, name: string): Promise<void> {
  const isLeft = (each: string): boolean =>
    each.startsWith(`.${name}.`) && /^[0-9a-f]{12}$/.test(each.slice(name.length + 2))
  for (const each of (await readdir(folder)).filter(isLeft))
    await rm(path.join(folder, each), { force: true })
}
