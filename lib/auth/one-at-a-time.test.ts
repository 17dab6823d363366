import { expect, test } from 'vitest'
import { oneAtATime } from './one-at-a-time.ts'

test('work for one key never overlaps, work for another does not wait, and a failure blocks nobody', async () => {
  let running = 0
  let most = 0
  const order: number[] = []
  const work = (turn: number) => async () => {
    running += 1
    most = Math.max(most, running)
    await new Promise((resolve) => setTimeout(resolve, 3))
    running -= 1
    order.push(turn)
    if (turn === 1) throw new Error('failed')
    return turn
  }
  const same = Array.from({ length: 5 }, (_, turn) => oneAtATime('nadia', work(turn)))
  const other = oneAtATime('maria', () => Promise.resolve('at once'))
  expect(await Promise.race([other, ...same])).toBe('at once')
  const settled = await Promise.allSettled(same)
  expect(settled.map(({ status }) => status)).toEqual([
    'fulfilled',
    'rejected',
    'fulfilled',
    'fulfilled',
    'fulfilled',
  ])
  expect([most, order]).toEqual([1, [0, 1, 2, 3, 4]])
})
