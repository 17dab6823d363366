import { renderToStaticMarkup } from 'react-dom/server'
import { expect, test } from 'vitest'
import type { ExportView } from '#lib/oversight/export/view.ts'
import { ExportTable } from './export-table.tsx'

const view = (changes: Partial<ExportView>): ExportView => ({
  exportId: 'e-1',
  isOwn: true,
  requesterName: 'Carla Nwosu',
  requestedAt: '2026-03-03T08:14:00.000Z',
  format: 'csv',
  criteria: ['From 2026-03-01 until 2026-03-03', 'Patient P-ABCDEFGHIJ'],
  reason: 'For the board of health <b>',
  rows: 1200,
  isMore: false,
  isAtMost: false,
  state: 'READY',
  deciderName: null,
  rowsDone: 300,
  bytes: 10,
  sha256: 'ab'.repeat(32),
  expiresAt: '2026-03-03T08:30:00.000Z',
  downloads: 0,
  failure: null,
  ...changes,
})
const drawn = (...exports: ExportView[]): string =>
  renderToStaticMarkup(<ExportTable exports={exports} actions={() => <button type="button">Act</button>} />)

test('says in words how each export stands, and shows a digest only to who may download', () => {
  expect(drawn()).toContain('Nobody has exported anything')
  const ready = drawn(view({}))
  for (const words of [
    'Ready',
    'Until 2:30 a.m. CST',
    '1,200',
    'You',
    'P-ABCDEFGHIJ',
    'ab'.repeat(32),
    '&lt;b&gt;',
  ])
    expect(ready).toContain(words)
  const others = drawn(view({ isOwn: false }))
  expect(others).toContain('Carla Nwosu')
  expect(others).not.toContain('ab'.repeat(32))
  expect(drawn(view({ state: 'RUNNING' }))).toMatch(
    /<progress max="1200" value="300" aria-label="Entries written"/,
  )
  expect(drawn(view({ state: 'WAITING', isMore: true, rows: 100_000 }))).toContain('over 100,000')
  const archived = { state: 'WAITING', isAtMost: true } as const
  expect(drawn(view(archived))).toContain('at most 1,200')
  expect(drawn(view({ ...archived, isMore: true }))).toContain('perhaps over 100,000')
  expect(drawn(view({ ...archived, state: 'RUNNING' }))).not.toContain('<progress')
  // made, it is known
  expect(drawn(view({ ...archived, state: 'READY' }))).toMatch(/>300</)
  expect(drawn(view({ state: 'FAILED', failure: 'an entry is not what was sealed.' }))).toContain(
    'It could not be made: an entry is not what was sealed.',
  )
  expect(drawn(view({ state: 'REJECTED', deciderName: 'Silvan Roth' }))).toContain('Declined by Silvan Roth')
  expect(drawn(view({ state: 'EXPIRED', downloads: 2 }))).toContain('Downloaded 2 times')
})
