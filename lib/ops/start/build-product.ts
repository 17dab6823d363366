import 'server-only'
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { runTool } from './run-tool.ts'
import { sourceDigest } from './source-digest.ts'

const isCurrent = (stamp: string, digest: string): boolean =>
  existsSync(stamp) && readFileSync(stamp, 'utf8') === digest

const node_module = (root: string, ...names: string[]): string => path.join(root, 'node_modules', ...names)

const generatedStamp = (root: string): string => path.join(root, 'lib', 'db', 'generated', '.made-from')

const generatorInputs = ['prisma/schema.prisma', 'prisma/generator', 'prisma.config.ts', 'package-lock.json']

/** Whether the Prisma client is the one of today's schema. */
export const clientIsCurrent = (root: string): boolean =>
  isCurrent(generatedStamp(root), sourceDigest(root, generatorInputs))

/** Generates the Prisma client and the registry of encrypted fields, unless they fit the schema already. */
export const generateClient = async (root: string, signal: AbortSignal): Promise<void> => {
  const digest = sourceDigest(root, generatorInputs)
  if (isCurrent(generatedStamp(root), digest)) return
  await runTool(
    'Generating the database client',
    root,
    node_module(root, 'prisma', 'build', 'index.js'),
    ['generate'],
    signal,
  )
  mkdirSync(path.dirname(generatedStamp(root)), { recursive: true })
  writeFileSync(generatedStamp(root), digest)
}

const buildStamp = (root: string): string => path.join(root, '.next', 'made-from')

/** Whether the built pages are those of today's sources. */
export const buildIsCurrent = (root: string): boolean =>
  existsSync(path.join(root, '.next', 'BUILD_ID')) && isCurrent(buildStamp(root), sourceDigest(root))

/** Builds the pages, unless they fit the sources already. */
export const buildPages = async (root: string, signal: AbortSignal): Promise<void> => {
  if (buildIsCurrent(root)) return
  const digest = sourceDigest(root)
  rmSync(buildStamp(root), { force: true })
  await runTool(
    'Building the pages',
    root,
    node_module(root, 'next', 'dist', 'bin', 'next'),
    ['build'],
    signal,
  )
  writeFileSync(buildStamp(root), digest)
}
