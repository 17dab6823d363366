import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { listSourceFiles } from '#lib/testing/list-source-files.ts'
import { securityEvents } from './event.ts'

/** Codes in the migrations that look like events and are none: states, reasons and kinds of emergency accesses and incidents. */
const codes = new Set([
  'REVIEW_PENDING',
  'NEEDS_INFO',
  'EMERGENCY_TREATMENT',
  'PUBLIC_HEALTH',
  'BREAK_GLASS',
  'PATIENT_TOLD',
  'LOW_PROBABILITY',
])

test('the list names exactly the events that the migrations can write', () => {
  const written = new Set<string>()
  for (const file of listSourceFiles(/^prisma\/migrations\/.*\.sql$/)) {
    const text = readFileSync(file, 'utf8')
    for (const [, name = ''] of text.matchAll(/'([A-Z]{3,}_[A-Z_]{3,})'/g))
      if (!codes.has(name)) written.add(name)
  }
  expect(written.size).toBeGreaterThan(15)
  expect([...written].toSorted()).toEqual([...securityEvents].toSorted())
})
