import 'server-only'
import { open } from 'node:fs/promises'

/** Makes the names in a folder last; without it a power cut can bring an old name back. */
export async function flushFolder(folder: string): Promise<void> {
  const directory = await open(folder, 'r')
  try {
    await directory.sync()
  } finally {
    await directory.close()
  }
}
