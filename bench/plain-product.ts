import { cpSync, mkdirSync, readFileSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { runTool } from '#lib/ops/start/run-tool.ts'

/** The product's own folder. */
export const productRoot = fileURLToPath(new URL('..', import.meta.url)).replace(/[/]$/, '')

/** What the chart page needs; the other pages would only make the build longer. */
const parts = [
  'app/layout.tsx',
  'app/globals.css',
  'app/not-found.tsx',
  'app/error.tsx',
  'app/global-error.tsx',
  'app/(care)/care-frame.tsx',
  'app/(care)/opened.ts',
  'app/(care)/care/patients/[patientId]/page.tsx',
  'app/api/health',
  'components',
  'lib',
  'prisma/schema.prisma',
  'prisma.config.ts',
  'proxy.ts',
  'instrumentation.ts',
  'next.config.mjs',
  'postcss.config.mjs',
  'tsconfig.json',
  'package.json',
  'package-lock.json',
]

/**
 * Makes the product that benchmarks are compared with: the same page and the same reads, with bench/plain-product/ in the
 * place of door and sign-in, and a Prisma client for columns in plain text. It lies under .bench/, which git ignores,
 * because the bundler resolves packages from a folder above it only.
 * @returns its folder
 */
export async function makePlainProduct(): Promise<string> {
  const root = path.join(productRoot, '.bench', 'plain-product')
  mkdirSync(root, { recursive: true })
  // What was built stays: it is used again while the sources are the same.
  for (const name of readdirSync(root))
    if (name !== '.next') rmSync(path.join(root, name), { recursive: true, force: true })
  for (const part of parts) {
    mkdirSync(path.dirname(path.join(root, part)), { recursive: true })
    cpSync(path.join(productRoot, part), path.join(root, part), {
      recursive: true,
      filter: (source) => !/[.]test[.]tsx?$|lib\/(testing|db\/generated)$/.test(source),
    })
  }
  cpSync(path.join(productRoot, 'bench', 'plain-product'), root, { recursive: true })
  symlinkSync(path.join('..', '..', 'node_modules'), path.join(root, 'node_modules'))
  makeSchemaPlain(path.join(root, 'prisma', 'schema.prisma'))
  keepRootForBundler(path.join(root, 'next.config.mjs'))
  await runTool(
    'Generating the plain client',
    root,
    path.join(productRoot, 'node_modules', 'prisma', 'build', 'index.js'),
    ['generate', '--generator', 'client'],
    AbortSignal.timeout(120_000),
  )
  return root
}

const prismaTypes: Readonly<Partial<Record<string, string>>> = {
  number: 'Float',
  json: 'Json',
  boolean: 'Boolean',
}

/** Gives marked columns the types that bench/plain-databases.ts gives them in the copy. */
function makeSchemaPlain(file: string): void {
  const plain = readFileSync(file, 'utf8').replaceAll(
    /([/]{3} @phi\(type=(\w+)[^\n]*\n\s+\w+\s+)String/g,
    (whole, before: string, type: string) =>
      prismaTypes[type] === undefined ? whole : `${before}${prismaTypes[type]}`,
  )
  if (!plain.includes('Float') || !plain.includes('Json')) throw new Error('the schema has no typed column')
  writeFileSync(file, plain)
}

function keepRootForBundler(file: string): void {
  const config = readFileSync(file, 'utf8')
  const changed = config.replace(
    'const config = {',
    `const config = {\n  turbopack: { root: ${JSON.stringify(productRoot)} },`,
  )
  if (changed === config) throw new Error('next.config.mjs has another form than the benchmark knows')
  writeFileSync(file, changed)
}
