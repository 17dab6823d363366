import { execFileSync } from 'node:child_process'
import { copyFileSync, globSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { basename, join, resolve } from 'node:path'

/**
 * `npm run pack-crypto -- DIRECTORY`: makes a package of lib/crypto in an empty directory: its sources, compiled to JavaScript with
 * types, its README and the licence. Nothing is published; `npm pack` in that directory makes the archive.
 */
const [directory] = process.argv.slice(2)
if (directory === undefined) {
  console.error('Say where: npm run pack-crypto -- DIRECTORY')
  process.exit(2)
}
mkdirSync(directory, { recursive: true })
if (readdirSync(directory).length > 0) {
  console.error(`${directory} is not empty.`)
  process.exit(2)
}

const sources = globSync('lib/crypto/*.ts').filter((file) => !file.endsWith('.test.ts'))
mkdirSync(join(directory, 'src'))
for (const file of sources) copyFileSync(file, join(directory, 'src', basename(file)))
copyFileSync('lib/crypto/README.md', join(directory, 'README.md'))
copyFileSync('LICENSE', join(directory, 'LICENSE'))
const write = (name: string, content: object) =>
  writeFileSync(join(directory, name), `${JSON.stringify(content, null, 2)}\n`)
write('package.json', {
  name: 'vigil-field-encryption-core',
  version: '1.0.0',
  description:
    'Encrypts database fields one cell at a time, each bound to its column, row and owner. No dependencies.',
  license: 'Apache-2.0',
  type: 'module',
  sideEffects: false,
  engines: { node: '>=20.19.0' },
  exports: { '.': { types: './dist/index.d.ts', default: './dist/index.js' } },
  files: ['dist', 'src'],
})
write('tsconfig.json', {
  compilerOptions: {
    target: 'ES2024',
    lib: ['ES2024'],
    module: 'nodenext',
    types: ['node'],
    // Where the compiler finds the types of Node itself; the package brings none.
    typeRoots: [resolve('node_modules/@types')],
    strict: true,
    noUncheckedIndexedAccess: true,
    exactOptionalPropertyTypes: true,
    erasableSyntaxOnly: true,
    rewriteRelativeImportExtensions: true,
    declaration: true,
    rootDir: 'src',
    outDir: 'dist',
  },
  include: ['src'],
})
execFileSync(process.execPath, [resolve('node_modules/typescript/lib/tsc.js'), '-p', directory], {
  stdio: 'inherit',
})
console.log(`${sources.length} files of lib/crypto are packed in ${directory}.`)
