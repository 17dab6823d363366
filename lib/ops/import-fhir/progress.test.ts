import { expect, test } from 'vitest'
import { replaceClock } from '#lib/clock.ts'
import { summaryText } from './import-summary.ts'
import { makeProgress } from './progress.ts'

test('where nobody watches, a line every few seconds; on a terminal, one line that is drawn again and cleared', () => {
  let milliseconds = 0
  const restore = replaceClock({ now: () => new Date(milliseconds) })
  const said: string[] = []
  const piped = makeProgress({ write: () => undefined }, (line) => said.push(line))
  const written: string[] = []
  const terminal = makeProgress({ isTTY: true, write: (text) => written.push(text) }, () => {
    throw new Error('a terminal gets no lines')
  })
  for (let done = 0; done <= 100; done += 1) {
    piped.advance('Importing patients', done, 100)
    terminal.advance('Importing patients', done, 100)
    milliseconds += 100
  }
  piped.end()
  terminal.end()
  restore()
  expect(said).toEqual([
    'Importing patients: 30 of 100',
    'Importing patients: 60 of 100',
    'Importing patients: 90 of 100',
  ])
  expect(written.every((text) => text.startsWith('\r') && !text.includes('\n'))).toBe(true)
  expect(written.at(-2)).toContain(`[${'#'.repeat(30)}] Importing patients 100/100`)
  expect(written.at(-1)).toBe('\r\u001b[2K')
})

test('the summary says in words what was kept out and why', () => {
  const text = summaryText({
    files: 2,
    patients: 1,
    created: 3,
    changed: 0,
    unchanged: 4,
    skippedTypes: { Goal: 2, CarePlan: 1 },
    withoutPatient: { Observation: 1 },
    refused: [{ file: 'a.json', where: 'line 2', why: 'is not JSON' }],
  })
  expect(text.split('\n')).toEqual([
    '2 files read, 1 patient: 3 created, 0 changed, 4 unchanged',
    'Kept out, because Vigil has no place for them: CarePlan 1, Goal 2',
    'Kept out, because they name no patient of these files or of the record: Observation 1',
    'Refused a.json: line 2: is not JSON',
  ])
})
