import { expect, test } from 'vitest'
import { throttle } from './throttle.ts'

/** A clock that only the waits and the units move. */
function pacing(cellsPerSecond: number) {
  let time = 0
  const waited: number[] = []
  const paced = throttle(cellsPerSecond, {
    milliseconds: () => time,
    wait: (milliseconds) => {
      waited.push(milliseconds)
      time += milliseconds
      return Promise.resolve()
    },
  })
  const unit = (cells: number, takes: number) =>
    paced.run(cells, () => {
      time += takes
      return Promise.resolve(cells)
    })
  return { unit, waited, pass: (milliseconds: number) => (time += milliseconds), paced }
}

test('no more cells a second pass than were asked for', async () => {
  const { unit, waited } = pacing(1000)
  for (let round = 0; round < 4; round += 1) await unit(500, 10)
  expect(waited).toEqual([490, 490, 490])
})

test('a unit that takes long is followed by a rest that is as long', async () => {
  const { unit, waited } = pacing(1000)
  await unit(100, 300)
  await unit(100, 300)
  expect(waited).toEqual([300])
})

test('time that was not used is gone', async () => {
  const { unit, waited, pass } = pacing(1000)
  await unit(500, 10)
  pass(60_000)
  await unit(500, 10)
  await unit(500, 10)
  expect(waited).toEqual([490])
})

test('work that needs no rest keeps to the number a second', async () => {
  const { paced, waited, pass } = pacing(1000)
  for (let round = 0; round < 3; round += 1) {
    await paced.pass(500)
    pass(100)
  }
  expect(waited).toEqual([400, 400])
})

test('without a limit nothing waits, and two units are at work', async () => {
  const { unit, waited, paced } = pacing(0)
  for (let round = 0; round < 4; round += 1) await unit(5000, 10)
  expect(waited).toEqual([])
  expect(paced.lanes).toBe(2)
})

test('a unit that fails is followed by its rest all the same, and its failure is told', async () => {
  const { paced, unit, waited, pass } = pacing(1000)
  await expect(
    paced.run(100, () => {
      pass(200)
      return Promise.reject(new Error('no'))
    }),
  ).rejects.toThrow('no')
  await unit(100, 10)
  expect(waited).toEqual([200])
})
