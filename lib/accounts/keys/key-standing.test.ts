import { describe, expect, test } from 'vitest'
import { readKeyPolicy } from './input.ts'
import { keyAge, oldestAllowed } from './key-standing.ts'
import type { KeyKindView } from './view.ts'

const schedule = { daysMax: 90, reminderDays: 14 }
const made = new Date('2026-01-01T12:00:00Z')
const after = (days: number, hours = 0): Date => new Date(made.getTime() + (days * 24 + hours) * 3600_000)

describe('the age of a key', () => {
  test.each([
    [0, 'ok'],
    [75, 'ok'],
    [76, 'due'],
    [90, 'due'],
    [91, 'overdue'],
    [900, 'overdue'],
  ] as const)('after %i days it is %s', (days, standing) => {
    expect(keyAge(made, after(days, 23), schedule)).toMatchObject({ ageDays: days, standing })
  })

  test('is told with the day on which it is due, and never below nought', () => {
    expect(keyAge(made, after(1), schedule).dueAt).toEqual(after(90))
    expect(keyAge(made, after(-3), schedule)).toMatchObject({ ageDays: 0, standing: 'ok' })
  })

  test('is judged alike one by one and by the oldest time that is allowed', () => {
    for (const days of [89, 90, 91, 92]) {
      const now = after(days)
      const overdue = keyAge(made, now, schedule).standing === 'overdue'
      expect(made.getTime() <= oldestAllowed(now, schedule).getTime()).toBe(overdue)
    }
  })
})

describe('the form of the schedule', () => {
  const kinds: Pick<KeyKindView, 'kind' | 'name' | 'daysLimit'>[] = [
    { kind: 'root-key', name: 'Root key', daysLimit: 1095 },
    { kind: 'session-secret', name: 'Session secret', daysLimit: 90 },
  ]
  const good = {
    'days-root-key': '365',
    'reminder-root-key': ' 30 ',
    'days-session-secret': '90',
    'reminder-session-secret': '1',
  }

  test('takes whole days within the bounds', () => {
    expect(readKeyPolicy(good, kinds)).toEqual({
      kind: 'input',
      input: [
        { kind: 'root-key', days: 365, reminderDays: 30 },
        { kind: 'session-secret', days: 90, reminderDays: 1 },
      ],
    })
  })

  test.each([
    ['days-session-secret', '91'],
    ['days-session-secret', '0'],
    ['days-root-key', '-1'],
    ['days-root-key', '1.5'],
    ['days-root-key', '1e2'],
    ['days-root-key', ''],
    ['days-root-key', '1096'],
    ['reminder-root-key', '91'],
    ['reminder-root-key', '0'],
    ['reminder-session-secret', 'soon'],
  ])('refuses %s of "%s", and names the field', (field, value) => {
    const read = readKeyPolicy({ ...good, [field]: value }, kinds)
    expect(read.kind === 'problems' && read.problems.map((problem) => problem.field)).toEqual([field])
  })

  test('asks for a reminder before the last day', () => {
    const read = readKeyPolicy({ ...good, 'days-root-key': '5', 'reminder-root-key': '6' }, kinds)
    expect(read.kind === 'problems' && read.problems.map((problem) => problem.field)).toEqual([
      'reminder-root-key',
    ])
  })
})
