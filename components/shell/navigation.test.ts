import { expect, test } from 'vitest'
import { parts } from '#lib/policy/access.ts'
import { absentItems } from './navigation.ts'

test('a proxy is shown the way to what was granted and to nothing else', () => {
  expect(absentItems(parts)).toEqual([])
  expect(absentItems(['results'])).toEqual(['summary', 'notes', 'who-looked'])
  expect(absentItems([])).toEqual(['results', 'summary', 'notes', 'who-looked'])
})
