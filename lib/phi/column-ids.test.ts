import { readFileSync } from 'node:fs'
import path from 'node:path'
import { expect, test } from 'vitest'
import { readPhiComment } from '#prisma/generator/read-phi-comment.ts'
import type { DmmfField, DmmfModel } from '#prisma/generator/dmmf.ts'
import { models } from './registry.ts'

/*
 * Attack 58: a column's id is sealed into every cell of it. It is made from the names of model and field, so a new name for
 * one of them would close every cell without anything else going wrong: the file beside this test remembers the ids.
 */
const remembered = readFileSync(path.join(import.meta.dirname, 'column-ids.txt'), 'utf8')
  .trim()
  .split('\n')
const declared = [...models.values()].flatMap((model) =>
  [...model.encrypted.values()].map(({ cell }) => `${cell.id} ${cell.type}`),
)

test('attack 58: every column that there ever was keeps its id and its type', () => {
  expect(remembered.length).toBeGreaterThan(100)
  // One that was renamed needs /// @phi(id=…) with the id that stands here. One that was dropped: is no cell of it left, in
  // phi.row_history either? Then, and only then, its line may go.
  expect(remembered.filter((line) => !declared.includes(line))).toEqual([])
})

test('attack 58: a new column is remembered (add its line to column-ids.txt)', () => {
  expect(declared.filter((line) => !remembered.includes(line))).toEqual([])
  expect(remembered).toEqual([...new Set(remembered)].toSorted())
})

test('attack 58: a field that was renamed keeps the id that its declaration names; without one it would change', () => {
  const model = { name: 'Visit', dbName: 'visit', schema: 'phi', fields: [], uniqueIndexes: [], primaryKey: null } satisfies DmmfModel // prettier-ignore
  const field = (documentation: string) =>
    ({ name: 'headline', kind: 'scalar', type: 'String', isList: false, isRequired: true, isUnique: false, documentation }) satisfies DmmfField // prettier-ignore
  const idOf = (documentation: string) => readPhiComment(model, field(documentation))?.id
  expect(idOf('@phi(id=encounter.display)')).toBe('encounter.display')
  expect(idOf('@phi(pad=32, id=encounter.display)')).toBe('encounter.display')
  expect(idOf('@phi')).toBe('visit.headline')
  expect(() => idOf('@phi(id=Encounter.display)')).toThrow('does not exist')
})
