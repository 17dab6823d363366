import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { listSourceFiles } from '#lib/testing/list-source-files.ts'
import { securityEvents } from './event.ts'

test('the list names exactly the events that the migrations can write', () => {
  const written = new Set<string>()
  for (const file of listSourceFiles(/^prisma\/migrations\/.*\.sql$/)) {
    const text = readFileSync(file, 'utf8')
    for (const [, name = ''] of text.matchAll(/'([A-Z]{3,}_[A-Z_]{3,})'/g)) written.add(name)
  }
  expect(written.size).toBeGreaterThan(15)
  expect([...written].toSorted()).toEqual([...securityEvents].toSorted())
})
