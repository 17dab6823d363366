import { execFileSync, spawnSync } from 'node:child_process'
import {
  copyFileSync,
  existsSync,
  globSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

/*
 * The folder by itself, outside of the project: it must neither need nor name anything of the rest, so that it can be used,
 * reviewed and published alone.
 */
const root = mkdtempSync(path.join(tmpdir(), 'vigil-crypto-alone-'))
const sources = globSync('lib/crypto/*.ts').filter((file) => !file.endsWith('.test.ts'))
afterAll(() => rmSync(root, { recursive: true }))

/** What a stranger would write first, after the README. */
const firstSteps = `
  const owner = 'patient-1'
  const column = crypto.cellColumn('patient.family-name', 'string', 16)
  const row = crypto.rowAddress('row-1', owner)
  const key = new crypto.DataKey({ ownerId: owner, version: 1, state: 'active', key: crypto.SecretKey.random() })
  const keys = new crypto.DataKeys(owner, [key])
  const cell = crypto.sealCell(key, column, row, 'Álvarez')
  const refused = (() => {
    try {
      return crypto.openCell(keys, column, crypto.rowAddress('row-2', owner), cell)
    } catch (error) {
      return error instanceof crypto.CryptoError ? error.code : 'another error'
    }
  })()
  console.log(JSON.stringify([cell.slice(0, 14), crypto.openCell(keys, column, row, cell), refused, String(key)]))`
const expected = ['phi1.00000001.', 'Álvarez', 'NOT_AUTHENTIC', '[key]']

/** Plain Node: no loader, no condition, nothing of this project's on its way. */
const run = (folder: string, module: string) =>
  spawnSync(
    process.execPath,
    ['--input-type=module', '-e', `const crypto = await import(${JSON.stringify(module)})${firstSteps}`],
    { cwd: folder, encoding: 'utf8', env: { PATH: process.env['PATH'], NODE_ENV: 'production' } },
  )

test('every import is of node:crypto or of a file of the folder', () => {
  expect(sources.length).toBeGreaterThan(20)
  for (const file of sources) {
    const imported = [...readFileSync(file, 'utf8').matchAll(/(?:from|import)\s*\(?\s*'([^']+)'/g)].map(
      ([, name = '']) => name,
    )
    const foreign = imported.filter(
      (name) =>
        name !== 'node:crypto' && !(name.startsWith('./') && existsSync(path.join('lib/crypto', name))),
    )
    expect(foreign, file).toEqual([])
  }
})

test('the sources run under plain Node in an empty folder', () => {
  const folder = path.join(root, 'sources')
  mkdirSync(folder)
  for (const file of sources) copyFileSync(file, path.join(folder, path.basename(file)))
  const { stdout, stderr } = run(folder, './index.ts')
  expect(stderr).toBe('')
  expect(JSON.parse(stdout)).toEqual(expected)
  // Control: with one file missing it does not, so nothing was found elsewhere.
  rmSync(path.join(folder, 'length-prefixed.ts'))
  expect(run(folder, './index.ts').stderr).toContain('ERR_MODULE_NOT_FOUND')
})

describe('the package', () => {
  const made = path.join(root, 'package')
  const user = path.join(root, 'user')
  beforeAll(() => {
    execFileSync(process.execPath, ['bin/pack-crypto.ts', made], { stdio: 'pipe' })
    const home = path.join(user, 'node_modules', 'vigil-field-encryption-core')
    mkdirSync(home, { recursive: true })
    // As npm would install it: what `files` names, package.json, README and licence.
    for (const file of globSync(['dist/**', 'src/**', 'package.json', 'README.md', 'LICENSE'], {
      cwd: made,
    })) {
      if (!path.extname(file) && file !== 'LICENSE') continue
      mkdirSync(path.dirname(path.join(home, file)), { recursive: true })
      copyFileSync(path.join(made, file), path.join(home, file))
    }
  }, 120_000)

  test('is compiled, without a dependency, and works where it is installed', () => {
    const { dependencies } = JSON.parse(readFileSync(path.join(made, 'package.json'), 'utf8')) as {
      dependencies?: object
    }
    expect(dependencies).toBeUndefined()
    const { stdout, stderr } = run(user, 'vigil-field-encryption-core')
    expect(stderr).toBe('')
    expect(JSON.parse(stdout)).toEqual(expected)
  })

  test('has types that keep a cell of one kind from being read as another', () => {
    const compile = (type: string) => {
      writeFileSync(
        path.join(user, 'use.ts'),
        `import { cellColumn, openCell, rowAddress, type DataKeys } from 'vigil-field-encryption-core'
         export const read = (keys: DataKeys): ${type} =>
           openCell(keys, cellColumn('patient.birth-date', 'date'), rowAddress('a', 'b'), '')\n`,
      )
      const compiler = path.resolve('node_modules/typescript/lib/tsc.js')
      const options = ['--noEmit', '--strict', '--module', 'nodenext', '--target', 'es2024', 'use.ts']
      const roots = ['--types', 'node', '--typeRoots', path.resolve('node_modules/@types')]
      return spawnSync(process.execPath, [compiler, ...options, ...roots], { cwd: user, encoding: 'utf8' })
        .stdout
    }
    expect(compile('string')).toBe('')
    expect(compile('number')).toContain("Type 'string' is not assignable to type 'number'")
  }, 120_000)
})

test('every public name has its place in the README', async () => {
  const offered = Object.keys(await import('./index.ts'))
  expect(offered.length).toBeGreaterThan(25)
  const readme = readFileSync(path.join(import.meta.dirname, 'README.md'), 'utf8')
  expect(offered.filter((name) => !new RegExp(`\\b${name}\\b`).test(readme))).toEqual([])
})
