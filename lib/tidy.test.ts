import { createHash } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { variableNames } from '#lib/env.ts'
import { roles } from '#lib/policy/roles.ts'
import { listSourceFiles } from '#lib/testing/list-source-files.ts'
import { readPrismaSchema } from '#lib/testing/read-prisma-schema.ts'

/** House rules that a machine can keep. Each test says what to do when it fails. */

const read = (file: string) => readFileSync(file, 'utf8')
const code = /\.(ts|tsx|mjs|cjs|sql|css|prisma)$/

/** The names in backticks in the first column of a document's tables. */
function listedIn(document: string): string[] {
  return read(document)
    .split('\n')
    .filter((line) => line.startsWith('|'))
    .flatMap((line) => [...(line.split('|')[1] ?? '').matchAll(/`([^`]+)`/g)].map((match) => match[1] ?? ''))
}

describe('documents say what the code does', () => {
  test('docs/configuration.md has a line for each setting of lib/env.ts, and for no other', () => {
    expect(listedIn('docs/configuration.md').toSorted()).toEqual(variableNames.toSorted())
  })

  test('docs/audit-events.md has a line for each event of lib/audit/event.ts, and for no other', () => {
    const events = [...read('lib/audit/event.ts').matchAll(/'([A-Z][A-Z_]+)'/g)].map(
      (match) => match[1] ?? '',
    )
    expect(events.length).toBeGreaterThan(5)
    expect(listedIn('docs/audit-events.md').toSorted()).toEqual([...new Set(events)].toSorted())
  })

  test('README.md and CONTRIBUTING.md name only commands that exist', () => {
    const { scripts } = z
      .object({ scripts: z.record(z.string(), z.string()) })
      .parse(JSON.parse(read('package.json')))
    for (const document of ['README.md', 'CONTRIBUTING.md']) {
      const named = [...read(document).matchAll(/npm (?:run )?(start|test|(?<=run )[\w-]+)/g)].map(
        (match) => match[1],
      )
      expect(named.length, document).toBeGreaterThan(0)
      for (const name of named)
        expect(scripts, `${document} names npm run ${name}`).toHaveProperty([name ?? ''])
    }
  })

  test('no document claims a certificate: there is no such thing as certified compliance with HIPAA', () => {
    const claim = /HIPAA[- ](certified|compliant|approved)|(certified|compliant) (with|under) HIPAA/i
    for (const file of listSourceFiles(/\.(md|tsx|ts)$/).filter((path) => path !== 'lib/tidy.test.ts')) {
      expect(read(file), file).not.toMatch(claim)
    }
  })

  test('documents point only to files that exist', () => {
    for (const document of listSourceFiles(/\.md$/)) {
      const folder = document.includes('/') ? document.slice(0, document.lastIndexOf('/') + 1) : ''
      for (const [, target = ''] of read(document).matchAll(/\]\((?!https?:|#|mailto:)([^)#\s]+)/g)) {
        expect(existsSync(folder + target), `${document} points to ${target}`).toBe(true)
      }
    }
  })

  test('files that ARCHITECTURE.md names exist, tests above all', () => {
    const named = [
      ...read('docs/ARCHITECTURE.md').matchAll(
        /`((?:app|bin|components|docs|e2e|lib|prisma|bench)\/[^`…*<]+)`/g,
      ),
    ].map((match) => match[1] ?? '')
    expect(named.length).toBeGreaterThan(30)
    expect(named.filter((file) => !existsSync(file))).toEqual([])
  })
})

describe('protected columns', () => {
  const columns = readPrismaSchema('phi')
  const names = (table: string, column: string) => [`phi.${table}.${column}`, `phi.*.${column}`]

  test('the schema is read at all', () => {
    expect(columns.filter((column) => column.sealed).length).toBeGreaterThan(50)
    expect(columns.find(({ table, column }) => table === 'patient' && column === 'family_name')?.sealed).toBe(
      true,
    )
  })

  test('docs/plaintext-columns.md gives a reason for each column of schema phi that is not ciphertext', () => {
    const listed = new Set(listedIn('docs/plaintext-columns.md'))
    const missing = columns
      .filter(
        ({ sealed, table, column }) => !sealed && !names(table, column).some((name) => listed.has(name)),
      )
      .map(({ table, column }) => `phi.${table}.${column}`)
    expect(missing, 'seal these columns, or say there why they may be plain').toEqual([])
  })

  test('docs/plaintext-columns.md lists no column that does not exist or is ciphertext', () => {
    const plain = new Set(
      columns.filter(({ sealed }) => !sealed).flatMap(({ table, column }) => names(table, column)),
    )
    expect(listedIn('docs/plaintext-columns.md').filter((name) => !plain.has(name))).toEqual([])
  })
})

describe('doors', () => {
  const doorList = z.array(
    z.object({
      path: z.string().startsWith('/'),
      file: z.string(),
      methods: z.array(z.enum(['GET', 'POST', 'PUT', 'PATCH', 'DELETE'])).min(1),
      answers: z.record(
        z.enum([...roles.filter((role) => role !== 'service'), 'nobody']),
        z.literal([200, 204, 303, 307, 400, 401, 403, 404, 405, 409]),
      ),
    }),
  )
  const loadDoors = async () => {
    const { doors } = z.object({ doors: doorList }).parse(await import('#e2e/doors.ts'))
    return doors
  }
  const onDisk = listSourceFiles(/^app\/(.*\/)?(page|route|actions)\.tsx?$/)

  test('every page, route and action is in e2e/doors.ts with the status that each role gets', async () => {
    const listed = new Set((await loadDoors()).map((door) => door.file))
    expect(onDisk.length).toBeGreaterThan(20)
    expect(onDisk.filter((file) => !listed.has(file))).toEqual([])
  })

  test('e2e/doors.ts lists no door that was taken out', async () => {
    expect((await loadDoors()).map((door) => door.file).filter((file) => !existsSync(file))).toEqual([])
  })
})

describe('history is only added to', () => {
  const migrations = listSourceFiles(/^prisma\/(keystore-)?migrations\/.*\.sql$/)
  const hashes = () =>
    z.record(z.string(), z.string()).parse(JSON.parse(read('prisma/migrations/hashes.json')))

  test('a migration that was released is never edited; a new one is recorded by: node bin/record-migrations.ts', () => {
    expect(migrations.length).toBeGreaterThan(3)
    const found = Object.fromEntries(
      migrations.map((file) => [file, createHash('sha256').update(read(file)).digest('hex')]),
    )
    expect(found).toEqual(hashes())
  })
})

describe('source', () => {
  test('nothing is left for later in a comment: file an issue instead', () => {
    const leftover = new RegExp(`\\b(${['TO' + 'DO', 'FIX' + 'ME'].join('|')})\\b`)
    for (const file of listSourceFiles(code)) expect(read(file), file).not.toMatch(leftover)
  })

  test('every module that touches data says so on its first line, so that no browser bundle can hold it', () => {
    const guarded = listSourceFiles(
      /^lib\/(db|phi|keys|auth|accounts|audit|records|oversight|ops)\/.*\.tsx?$/,
    ).filter(
      (file) => !/\.test\.tsx?$|\/(view|input|types)\.ts$|generated|^lib\/audit\/merkle\.ts$/.test(file),
    )
    expect(guarded.length).toBeGreaterThan(30)
    expect(guarded.filter((file) => !/^(\/\*\*?[^]*?\*\/\s*)?import 'server-only'/.test(read(file)))).toEqual(
      [],
    )
  })

  test('the layer check expects a plausible number of modules', () => {
    const floor = Number(/^const floor = (\d+)$/m.exec(read('bin/layers.ts'))?.[1])
    const modules = listSourceFiles(/^(app|components|lib|bin|bench|prisma|e2e)\/.*\.tsx?$/).length
    expect(floor).toBeGreaterThan(modules * 0.6)
  })

  test('file names are in kebab case, and nothing is named for what it is not', () => {
    const names = listSourceFiles(/^(components|lib|bin|bench|e2e)\/.*\.tsx?$/)
    for (const file of names) {
      expect(file, 'kebab case').toMatch(/^[a-z0-9/.-]+$/)
      expect(file, 'say what it does instead').not.toMatch(/(^|\/)(utils?|helpers?|misc|common)(\/|\.)/)
    }
  })
})
