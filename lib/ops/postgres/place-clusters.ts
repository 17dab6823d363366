import 'server-only'
import { createHash } from 'node:crypto'
import { chmodSync, lstatSync, mkdirSync, mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { type HomeContent, readHome, writeHome } from '#lib/ops/home/open-home.ts'
import { Refused } from '#lib/errors.ts'
import { type Confinement, giveTo, isReachableByAnyone } from './confinement.ts'

/** Directories of the embedded servers, each 0700 and the servers' own. */
export type ClusterPlaces = { readonly root: string; readonly sockets: string }

/** `sun_path` holds 104 bytes on macOS and 108 on Linux, with the closing zero. */
const socketPathBytesMax = 103

const fits = (directory: string): boolean =>
  Buffer.byteLength(path.join(directory, '.s.PGSQL.5432')) <= socketPathBytesMax

const isPrivate = (directory: string): boolean => {
  try {
    const stat = lstatSync(directory)
    return stat.isDirectory() && (stat.mode & 0o077) === 0
  } catch {
    return false
  }
}

/** Directory that the confined user can reach: the home, unless a directory above it is closed to all but root. */
const clusterRoot = (home: string, content: HomeContent, confinement: Confinement): string => {
  if (content.clusters !== undefined) return content.clusters
  if (confinement.kind !== 'user') return home
  if (isReachableByAnyone(home)) {
    // The user "nobody" must pass through to its own directories; it can list and read nothing on the way.
    chmodSync(home, 0o711)
    return home
  }
  const name = createHash('sha256').update(home).digest('hex').slice(0, 16)
  const elsewhere = path.join('/var/lib/vigil', name)
  mkdirSync(elsewhere, { recursive: true, mode: 0o711 })
  for (const directory of [path.dirname(elsewhere), elsewhere]) chmodSync(directory, 0o711)
  return elsewhere
}

/** A private directory under the system's temporary one, for a home whose path is too long for a socket. */
const shortDirectory = (content: HomeContent): string =>
  content.sockets !== undefined && isPrivate(content.sockets)
    ? content.sockets
    : mkdtempSync(path.join(fits(path.join(tmpdir(), 'vigil-XXXXXX')) ? tmpdir() : '/tmp', 'vigil-'))

/**
 * Where the servers' directories are, made if missing and noted in the home.
 * @throws Refused when a directory that must be private is open to others
 */
export const placeClusters = (home: string, confinement: Confinement): ClusterPlaces => {
  const content = readHome(home)
  if (content === undefined) throw new Refused(`${home} is not a home of Vigil: run "npm start" first.`)
  const root = clusterRoot(home, content, confinement)
  const near = path.join(root, 'sockets')
  if (fits(near)) mkdirSync(near, { recursive: true, mode: 0o700 })
  const sockets = fits(near) ? near : shortDirectory(content)
  giveTo(confinement, sockets)
  if (!isPrivate(sockets))
    throw new Refused(`${sockets} is open to other users: run "chmod 700 ${sockets}", then start again.`)
  writeHome(home, {
    kind: content.kind,
    demo: content.demo,
    ...(root === home ? {} : { clusters: root }),
    ...(sockets === near ? {} : { sockets }),
  })
  return { root, sockets }
}
