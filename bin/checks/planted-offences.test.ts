import { spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

/** The rules that keep safeguards in place are seen red here: each is given an offence that it must find. */

const root = mkdtempSync(join(tmpdir(), 'vigil-planted-'))

const files: Record<string, string> = {
  'lib/db/pool.ts': `export const pool = {}`,
  'lib/crypto/seal.ts': `import '#lib/log.ts'\nexport const seal = 1`,
  'lib/crypto/words.ts': `import { z } from 'zod'\nimport { join } from 'node:path'\nexport const words = [z, join]`,
  'lib/log.ts': `export const log = 1`,
  'lib/phi/door.ts': `import 'server-only'\nimport '#lib/records/notes/open-note.ts'\nexport const door = 1`,
  'lib/records/labs/open-lab.ts': `import 'server-only'\nimport { pool } from '#lib/db/pool.ts'\nexport const lab = pool`,
  'lib/records/notes/open-note.ts': `import 'server-only'\nimport { lab } from '#lib/records/labs/open-lab.ts'\nexport const note = lab`,
  'app/(care)/care/page.tsx': `import { pool } from '#lib/db/pool.ts'\nexport default function Page() { return pool }`,
  'app/(billing)/billing/page.tsx': `import Page from '../../(care)/care/page.tsx'\nexport default Page`,
  'components/chart/chart.tsx': `import { note } from '#lib/records/notes/open-note.ts'\nexport const Chart = () => note`,
  'components/ui/offences.tsx': `
import Link from 'next/link'
export const setting = process.env['SECRET']
export const raw = (client: { $queryRawUnsafe: (sql: string) => void }) => client.$queryRawUnsafe('select 1')
export function Offences({ html }: { html: string }) {
  localStorage.setItem('name', html)
  window.sessionStorage.setItem('name', html)
  console.log(html)
  void indexedDB
  return <Link href="/x"><b dangerouslySetInnerHTML={{ __html: html }} /></Link>
}`,
  'lib/async.ts': `
const later = async () => 1
type Kind = 'a' | 'b'
export function forget(kind: Kind) {
  later()
  switch (kind) { case 'a': return 1 }
  return Date.now()
}`,
}

beforeAll(() => {
  for (const [file, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, file)), { recursive: true })
    writeFileSync(join(root, file), `${text}\n`)
  }
  for (const file of ['package.json', 'tsconfig.json', '.oxlintrc.json', '.dependency-cruiser.cjs']) {
    cpSync(file, join(root, file))
  }
  symlinkSync(resolve('node_modules'), join(root, 'node_modules'))
})
afterAll(() => rmSync(root, { recursive: true }))

const run = (tool: string, ...parameters: string[]) =>
  spawnSync('node', [resolve('node_modules', tool), ...parameters], {
    cwd: root,
    encoding: 'utf8',
    maxBuffer: 1 << 26,
  }).stdout

describe('layers', () => {
  let found: string[] = []
  beforeAll(() => {
    const report = run(
      'dependency-cruiser/bin/dependency-cruiser.mjs',
      'app',
      'components',
      'lib',
      '-T',
      'json',
    )
    const { summary } = JSON.parse(report) as {
      summary: { violations: { rule: { name: string }; from: string }[] }
    }
    found = summary.violations.map(({ rule, from }) => `${rule.name}: ${from}`)
  }, 120_000)

  test.each([
    'pages-see-no-plumbing: app/(care)/care/page.tsx',
    'few-open-the-database: app/(care)/care/page.tsx',
    'audiences-do-not-mix: app/(billing)/billing/page.tsx',
    'every-door-asks-who: app/(care)/care/page.tsx',
    'components-take-views: components/chart/chart.tsx',
    'records-go-through-the-door: lib/records/labs/open-lab.ts',
    'records-do-not-mix: lib/records/notes/open-note.ts',
    'the-door-knows-no-callers: lib/phi/door.ts',
    'pure-stays-pure: lib/crypto/seal.ts',
    'crypto-stands-alone: lib/crypto/seal.ts',
    'crypto-stands-alone: lib/crypto/words.ts',
    'server-only-marker: lib/db/pool.ts',
  ])('%s', (offence) => {
    expect(found).toContain(offence)
  })
})

describe('lint', () => {
  let found = ''
  beforeAll(() => {
    found = run('oxlint/bin/oxlint', '--format', 'json', '.')
  }, 120_000)

  test.each([
    ['a link that prefetches', 'app-link.tsx'],
    ['a setting that is not validated', 'lib/env.ts'],
    ['SQL made of text', 'prepared statement'],
    ['a value kept in the browser', 'localStorage'],
    ['a value kept in the tab', 'sessionStorage'],
    ['a value kept in a browser database', 'indexedDB'],
    ['a value on the console', 'no-console'],
    ['markup that is not escaped', 'no-danger'],
    ['a promise that nobody waits for', 'no-floating-promises'],
    ['an outcome that nobody handles', 'switch-exhaustiveness-check'],
    ['a clock that no test can move', 'lib/clock.ts'],
  ])('%s is found', (_, words) => {
    expect(found).toContain(words)
  })
})
