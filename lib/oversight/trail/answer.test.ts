import { expect, test } from 'vitest'
import { trailAnswer } from './answer.ts'
import type { TrailEntryView } from './view.ts'

const entry = (actorId: string | null, minute: string, outcome = 'ALLOWED') =>
  ({
    actorId,
    actorName: 'Maria Santos',
    actorTitle: 'Nurse',
    at: `2026-11-02T02:${minute}:00Z`,
    outcome,
  }) as TrailEntryView

test('two people who bear one name are two people, and each is counted for themselves', () => {
  const newestFirst = [entry('b', '16'), entry('a', '15'), entry('b', '14'), entry('a', '13', 'DENIED')]
  const { people, refused } = trailAnswer(newestFirst)
  expect(people).toEqual([
    { id: 'b', name: 'Maria Santos', title: 'Nurse', firstAt: '2026-11-02T02:14:00Z', times: 2 },
    { id: 'a', name: 'Maria Santos', title: 'Nurse', firstAt: '2026-11-02T02:15:00Z', times: 1 },
  ])
  expect(refused).toBe(1)
})
