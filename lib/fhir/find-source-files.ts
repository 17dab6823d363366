import { opendir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { SourceFault } from './source-fault.ts'

const fhirFile = /\.(json|ndjson|jsonl)$/i

/**
 * The files behind the paths that an operator named: a file is itself whatever it is called, a folder is every
 * `.json`, `.ndjson` and `.jsonl` below it, in the order of their names so that two runs see the same.
 * Throws {@link SourceFault} for a path that is not there.
 */
export async function findSourceFiles(paths: readonly string[]): Promise<string[]> {
  const files: string[] = []
  for (const path of paths) {
    const entry = await stat(path).catch(() => null)
    if (!entry) throw new SourceFault(path, 'there is no such file or folder')
    if (entry.isDirectory()) files.push(...(await filesBelow(path)))
    else files.push(path)
  }
  return [...new Set(files)]
}

async function filesBelow(folder: string): Promise<string[]> {
  const found: string[] = []
  for await (const entry of await opendir(folder)) {
    const path = join(folder, entry.name)
    if (entry.isDirectory()) found.push(...(await filesBelow(path)))
    else if (entry.isFile() && fhirFile.test(entry.name)) found.push(path)
  }
  return found.sort()
}
