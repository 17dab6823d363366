import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'

/** Every text file that belongs to the project: what git knows, and what it would add. Paths from the project's folder. */
export function listSourceFiles(pattern: RegExp): string[] {
  const listed = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard', '-z'], {
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
  })
  return listed
    .split('\0')
    .filter((file) => pattern.test(file) && existsSync(file))
    .toSorted()
}
