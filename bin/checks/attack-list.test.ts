import { readFileSync } from 'node:fs'
import { format } from 'prettier'
import { expect, test } from 'vitest'
import { listSourceFiles } from '#lib/testing/list-source-files.ts'
import { attacks } from './attack-list.ts'
import { attackGaps, attacksNamed, describeAttacks, findAttackTests } from './attack-tests.ts'

const ownTests = listSourceFiles(/\.(test|e2e)\.tsx?$/).filter((file) => !file.startsWith('bin/checks/'))
const found = findAttackTests(ownTests, (file) => readFileSync(file, 'utf8'))

test('the list runs from 1 to 73, and no two lines say the same', () => {
  expect(attacks.map(({ number }) => number)).toEqual(Array.from({ length: 73 }, (_, at) => at + 1))
  expect(new Set(attacks.map(({ what }) => what)).size).toBe(73)
})

test('every attack has a test, and every test that names an attack names one of the list', () => {
  expect(attackGaps(found)).toEqual({ untested: [], unlisted: [] })
})

test('docs/attacks.md is the list of today (after a change: run this file with -u)', async () => {
  const text = await format(describeAttacks(found), { parser: 'markdown', printWidth: 110 })
  await expect(text).toMatchFileSnapshot('../../docs/attacks.md')
})

test('titles are read, and nothing else is', () => {
  expect(attacksNamed('attack 07: a short tag')).toEqual([7])
  expect(attacksNamed('attack 01–04: the address')).toEqual([1, 2, 3, 4])
  expect(attacksNamed('the attack 07: said in passing')).toEqual([])
  expect(attacksNamed('attack 07:')).toEqual([])
  const sources: Record<string, string> = {
    'a.test.ts': "test('attack 01: one', () => {})\ntest.each(x)(`attack 74: ${y}`, () => {})",
    'b.test.ts': '// attack 02: only spoken of\ndescribe("attack 01: again", () => {})',
  }
  const planted = findAttackTests(Object.keys(sources), (file) => sources[file] ?? '')
  expect([...planted]).toEqual([
    [1, ['a.test.ts', 'b.test.ts']],
    [74, ['a.test.ts']],
  ])
  expect(attackGaps(planted)).toEqual({
    untested: Array.from({ length: 72 }, (_, at) => at + 2),
    unlisted: [74],
  })
  expect(describeAttacks(planted)).toContain('**nowhere**')
})
