import 'server-only'
import { existsSync, readdirSync, statSync } from 'node:fs'
import path from 'node:path'
import { readHome } from '#lib/ops/home/open-home.ts'
import { dataDirectoryOf } from '#lib/ops/postgres/embedded-servers.ts'
import { freeBytes } from '#lib/ops/home/free-bytes.ts'
import type { Env } from '#lib/parse-env.ts'
import { type Check, finding, fine, none } from './finding.ts'

const modeOf = (file: string): string => (statSync(file).mode & 0o777).toString(8).padStart(4, '0')

const isOpen = (file: string, others: number): boolean =>
  existsSync(file) && (statSync(file).mode & others) !== 0

const checkNode = (): Check => {
  const major = Number(process.versions.node.split('.')[0])
  return major >= 22
    ? fine('node', `version ${process.versions.node}`)
    : finding(
        'node',
        `version ${process.versions.node} is out of support: run "npm rebuild node", which installs Node 24 for Vigil alone.`,
      )
}

const checkDisk = (env: Env): Check => {
  const free = Math.floor(freeBytes(env.home) / 1_000_000)
  return free >= 500
    ? fine('disk', `${free} MB free`)
    : finding('disk', `only ${free} MB free where ${env.home} is: make room before nothing can be written.`)
}

const checkSecrets = (env: Env): Check => {
  const directory = path.join(env.home, 'secrets')
  const files = existsSync(directory) ? readdirSync(directory).map((name) => path.join(directory, name)) : []
  const open = [directory, ...files]
    .filter((file) => isOpen(file, 0o077))
    .map((file) => `${file} (${modeOf(file)})`)
  return none(
    'secrets',
    open,
    `${files.length} files, for their owner alone`,
    'run chmod go-rwx on it, and rotate what others may have read.',
  )
}

const checkKeyring = (env: Env): Check => {
  if (!existsSync(env.keyringFile))
    return finding(
      'keyring',
      `${env.keyringFile} is not there: put it back from its copy; without it nothing can be opened.`,
    )
  return isOpen(env.keyringFile, 0o077)
    ? finding('keyring', `${env.keyringFile} has mode ${modeOf(env.keyringFile)}: run chmod 600 on it.`)
    : fine('keyring', 'readable by its owner alone')
}

const checkHome = (env: Env): Check => {
  const open = [
    env.home,
    ...(['data', 'keystore'] as const).map((server) => dataDirectoryOf(env.home, server)),
  ]
    // The home itself may let the user "nobody" pass (0711) where Postgres has to run as that one.
    .filter((directory) => isOpen(directory, directory === env.home ? 0o066 : 0o077))
    .map((directory) => `${directory} (${modeOf(directory)})`)
  return none('home', open, `${readHome(env.home)?.kind}, closed to others`, 'run chmod 700 on it.')
}

/** Node, disk, and the files of the home. */
export const checkMachine = (env: Env): Check[] => [
  checkNode(),
  checkDisk(env),
  ...(readHome(env.home) === undefined ? [] : [checkHome(env), checkSecrets(env)]),
  ...(env.keyProvider === 'file' ? [checkKeyring(env)] : []),
]
