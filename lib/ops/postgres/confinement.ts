import 'server-only'
import { spawnSync } from 'node:child_process'
import {
  accessSync,
  chmodSync,
  constants,
  cpSync,
  existsSync,
  lchownSync,
  lstatSync,
  readFileSync,
  readdirSync,
} from 'node:fs'
import path from 'node:path'
import { Refused } from '#lib/errors.ts'
import type { Binaries } from './binaries.ts'

/**
 * As whom Postgres runs. It refuses to run as root, so root on Linux gets it into a user namespace, in which root's own
 * files belong to an unprivileged user; where namespaces are forbidden (many containers), it runs as the user `nobody`.
 */
export type Confinement =
  | { readonly kind: 'self' }
  | { readonly kind: 'namespace' }
  | { readonly kind: 'user'; readonly uid: number; readonly gid: number }

const namespaceArguments = ['--user', '--map-user=65534', '--map-group=65534']

/** Whether a namespace can be made, and from inside it the programs run and the home can be written. */
const namespaceWorks = (home: string, binaries: Binaries): boolean =>
  spawnSync(
    'unshare',
    [...namespaceArguments, '/bin/sh', '-c', 'test -w "$1" && "$2" --version', 'sh', home, binaries.postgres],
    { stdio: 'ignore' },
  ).status === 0

/** A user that Postgres may run as. A bare number does not do: Postgres looks its own name up. */
const nobody = (): { uid: number; gid: number } => {
  const line = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .find((entry) => entry.startsWith('nobody:'))
  const [, , uid, gid] = line?.split(':') ?? []
  if (uid === undefined || gid === undefined)
    throw new Refused(
      'Postgres does not run as root, user namespaces are switched off here, and there is no user "nobody": start Vigil as an ordinary user.',
    )
  return { uid: Number(uid), gid: Number(gid) }
}

/** Chooses how Postgres is kept from being root, for a home that it must be able to write. */
export const chooseConfinement = (home: string, binaries: Binaries): Confinement => {
  if (process.geteuid?.() !== 0) return { kind: 'self' }
  if (process.platform === 'linux' && namespaceWorks(home, binaries)) return { kind: 'namespace' }
  return { kind: 'user', ...nobody() }
}

/** The program and arguments that run `program` confined, and the ids to spawn it with. */
export const confined = (
  confinement: Confinement,
  program: string,
  programArguments: readonly string[],
): { program: string; arguments: string[]; ids: { uid?: number; gid?: number } } => {
  switch (confinement.kind) {
    case 'self':
      return { program, arguments: [...programArguments], ids: {} }
    case 'namespace':
      return { program: 'unshare', arguments: [...namespaceArguments, program, ...programArguments], ids: {} }
    case 'user':
      return {
        program,
        arguments: [...programArguments],
        ids: { uid: confinement.uid, gid: confinement.gid },
      }
  }
}

/** Makes a directory and all in it the confined user's, unless it is already. */
export const giveTo = (confinement: Confinement, target: string): void => {
  if (confinement.kind === 'self') return
  const [uid, gid] = confinement.kind === 'user' ? [confinement.uid, confinement.gid] : [0, 0]
  if (lstatSync(target).uid === uid) return
  const give = (entry: string): void => {
    lchownSync(entry, uid, gid)
    if (lstatSync(entry).isDirectory()) for (const name of readdirSync(entry)) give(path.join(entry, name))
  }
  give(target)
}

/** Whether every directory above `target` lets any user pass. */
export const isReachableByAnyone = (target: string): boolean => {
  const parent = path.dirname(path.resolve(target))
  if ((lstatSync(parent).mode & constants.S_IXOTH) === 0) return false
  return parent === '/' || isReachableByAnyone(parent)
}

const canRead = (directory: string): boolean => {
  try {
    accessSync(directory, constants.R_OK | constants.X_OK)
    return true
  } catch {
    return false
  }
}

/**
 * Programs that the confined user can read. The project may lie under a directory that only root may enter,
 * so for `nobody` they are copied (60 MB) to `place`, where only root can change them.
 */
export const reachableBinaries = (confinement: Confinement, binaries: Binaries, place: string): Binaries => {
  if (confinement.kind !== 'user' || binaries.native === undefined) return binaries
  if (isReachableByAnyone(path.join(binaries.native, 'bin')) && canRead(binaries.native)) return binaries
  const copy = path.join(place, `postgres-${binaries.version}`)
  if (!existsSync(path.join(copy, 'complete'))) {
    cpSync(binaries.native, copy, { recursive: true, verbatimSymlinks: true })
    chmodSync(copy, 0o755)
    cpSync(path.join(binaries.native, 'pg-symlinks.json'), path.join(copy, 'complete'))
  }
  return {
    ...binaries,
    native: copy,
    initdb: path.join(copy, 'bin', 'initdb'),
    postgres: path.join(copy, 'bin', 'postgres'),
  }
}
