import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, expect, test } from 'vitest'

import { readLastLine } from './read-last-line.ts'

const folder = mkdtempSync(path.join(tmpdir(), 'vigil-lines-'))
afterAll(() => rmSync(folder, { recursive: true }))
const file = path.join(folder, 'lines')
const read = (line: string): string | undefined => (line.startsWith('ok') ? line : undefined)
const lastOf = (text: string): Promise<string | undefined> => {
  writeFileSync(file, text)
  return readLastLine(file, read)
}

test('the last line that counts is found, over blocks, behind damaged lines, and whatever lies at the joints', async () => {
  expect(await readLastLine(path.join(folder, 'none'), read)).toBeUndefined()
  expect(await lastOf('')).toBeUndefined()
  expect(await lastOf('ok 1')).toBe('ok 1')
  expect(await lastOf('ok 1\nok 2\n')).toBe('ok 2')
  expect(await lastOf('ok 1\nok 2\nbroken')).toBe('ok 2')
  const blocks = 'x'.repeat(70_000)
  expect(await lastOf(`ok 1\n${blocks}\n${blocks}\n`)).toBe('ok 1')
  expect(await lastOf(`ok 1\nok ${blocks}`)).toBe(`ok ${blocks}`)
  for (const length of [65_530, 65_531, 65_532, 65_533, 65_534, 65_535, 65_536, 65_537])
    expect(await lastOf(`ok 1\n\nok ü2\n${'x'.repeat(length)}`)).toBe('ok ü2')
})
