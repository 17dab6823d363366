import 'server-only'
import { createHash } from 'node:crypto'
import { existsSync, readFileSync, readdirSync, statSync } from 'node:fs'
import path from 'node:path'

/** Everything that `next build` reads, from the project's folder. */
const buildInputs = [
  'app',
  'components',
  'lib',
  'public',
  'prisma/schema.prisma',
  'package-lock.json',
  'tsconfig.json',
  'next.config.ts',
  'next.config.mjs',
  'postcss.config.mjs',
  'proxy.ts',
  'instrumentation.ts',
]

const isLeftOut = (name: string): boolean =>
  /^(generated|testing|ops|node_modules)$|[.]test[.]tsx?$|[.]golden[.]|^[.]/.test(name)

const filesUnder = function* (root: string, entry: string): Generator<string> {
  const whole = path.join(root, entry)
  if (!existsSync(whole)) return
  if (!statSync(whole).isDirectory()) yield entry
  else
    for (const name of readdirSync(whole).toSorted())
      if (!isLeftOut(name)) yield* filesUnder(root, path.join(entry, name))
}

/** SHA-256 over names and contents of files and folders, in hex: changes with every byte of them. */
export const sourceDigest = (root: string, entries: readonly string[] = buildInputs): string => {
  const digest = createHash('sha256')
  for (const entry of entries)
    for (const file of filesUnder(root, entry)) {
      const content = readFileSync(path.join(root, file))
      digest.update(`${file}\0${content.length}\0`).update(content)
    }
  return digest.digest('hex')
}
