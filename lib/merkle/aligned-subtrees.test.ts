import { expect, test } from 'vitest'
import { alignedSubtrees } from './aligned-subtrees.ts'

test('subtrees lie side by side, are aligned, and are as few as can be', () => {
  for (let to = 0; to <= 40; to += 1)
    for (let from = 0; from <= to; from += 1) {
      let at = from
      const subtrees = alignedSubtrees(from, to)
      for (const { level, index } of subtrees) {
        expect(index * 2 ** level).toBe(at)
        at += 2 ** level
      }
      expect(at).toBe(to)
      const pairs = subtrees.slice(1).filter(({ level, index }, before) => {
        const left = subtrees[before]
        return left?.level === level && left.index % 2 === 0 && index === left.index + 1
      })
      expect(pairs).toEqual([])
    }
  expect(alignedSubtrees(0, 7)).toEqual([
    { level: 2, index: 0 },
    { level: 1, index: 2 },
    { level: 0, index: 6 },
  ])
})
