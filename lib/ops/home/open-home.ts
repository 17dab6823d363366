import 'server-only'
import { chmodSync, mkdirSync, readFileSync, readdirSync, renameSync, statSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { z } from 'zod'
import { Refused } from '#lib/errors.ts'

/** Layout of a home that this version reads and writes; raised when an older Vigil could no longer use it. */
export const homeVersion = 1

const homeContent = z.object({
  kind: z.enum(['demo', 'production']),
  /** `loading` while the demo clinic is being written: a start that finds it begins afresh */
  demo: z.enum(['none', 'loading', 'loaded']).default('none'),
  /** where the clusters are, when they cannot be in the home itself (see place-clusters.ts) */
  clusters: z.string().optional(),
  /** where the sockets are, when the home's path is too long for one */
  sockets: z.string().optional(),
})

export type HomeContent = z.infer<typeof homeContent>

const contentFile = (home: string): string => path.join(home, 'home.json')

/** What the home says about itself; undefined when there is none at this path. */
export const readHome = (home: string): HomeContent | undefined => {
  try {
    return homeContent.parse(JSON.parse(readFileSync(contentFile(home), 'utf8')))
  } catch {
    return undefined
  }
}

/** Writes what the home says about itself, whole or not at all. */
export const writeHome = (home: string, content: HomeContent): void => {
  writeFileSync(`${contentFile(home)}.new`, `${JSON.stringify(content, null, 2)}\n`, { mode: 0o600 })
  renameSync(`${contentFile(home)}.new`, contentFile(home))
}

const refuseForeignOwner = (home: string): void => {
  const owner = statSync(home).uid
  const self = process.geteuid?.()
  if (self !== undefined && self !== 0 && owner !== self)
    throw new Refused(
      `${home} belongs to another user (uid ${owner}): start Vigil as that user, or set VIGIL_HOME to a directory of your own.`,
    )
}

const refuseOtherVersion = (home: string): void => {
  const text = readFileSync(path.join(home, 'VERSION'), 'utf8').trim()
  if (Number(text) > homeVersion)
    throw new Refused(
      `${home} was written by a newer Vigil (home version ${text.slice(0, 20)}, this one knows ${homeVersion}): start that newer version, or set VIGIL_HOME to another directory.`,
    )
  if (Number(text) !== homeVersion)
    throw new Refused(
      `${path.join(home, 'VERSION')} does not hold a version that Vigil knows: restore it from a backup, or set VIGIL_HOME to another directory.`,
    )
}

/**
 * Opens the directory that holds everything of one installation, or makes it.
 * @throws Refused when it belongs to someone else, to a newer version, to the other kind, or holds something else
 */
export const openHome = (home: string, kind: 'demo' | 'production'): HomeContent => {
  mkdirSync(home, { recursive: true, mode: 0o700 })
  refuseForeignOwner(home)
  // home.json comes first and VERSION last, so that a start that was cut short between them is simply done again.
  const names = readdirSync(home).filter((name) => !/^[.]|^home[.]json|^lost[+]found$/.test(name))
  if (names.includes('VERSION')) refuseOtherVersion(home)
  else if (names.length > 0)
    throw new Refused(
      `${home} is not empty and not a home of Vigil: set VIGIL_HOME to a directory that Vigil may have for itself.`,
    )
  else {
    chmodSync(home, 0o700)
    writeHome(home, { kind, demo: 'none' })
    writeFileSync(path.join(home, 'VERSION'), `${homeVersion}\n`, { mode: 0o600 })
  }
  const content = readHome(home)
  if (content === undefined)
    throw new Refused(
      `${contentFile(home)} cannot be read: restore it from a backup, or set VIGIL_HOME to another directory.`,
    )
  if (content.kind === 'demo' && kind === 'production')
    throw new Refused(
      `${home} holds the demo clinic and its secrets, which must never serve real patients: set VIGIL_HOME to an empty directory.`,
    )
  if (content.kind === 'production' && kind === 'demo')
    throw new Refused(`${home} was made with VIGIL_ENV=production: set VIGIL_ENV=production to start it.`)
  return content
}
