import { randomInt } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { lostWhileHeld } from '#lib/testing/lost-while-held.ts'
import { makeRecordCast, type RecordCast } from '#lib/testing/record-cast.ts'
import { cellVersions, rotationUnderTest, type RotationUnderTest } from '#lib/testing/rotate-for-test.ts'
import { startVigil } from '#lib/testing/vigil-process.ts'
import { workUnderRotation } from '#lib/testing/work-under-rotation.ts'

// The full run, with a hundred kills over all rotations, is `npm run bench -- rotation-kills`.

let cast: RecordCast
let under: RotationUnderTest
beforeAll(async () => {
  cast = await makeRecordCast()
  under = await rotationUnderTest()
})
afterAll(async () => {
  await under.close()
  await cast.close()
})

test('attack 47: a rotation of data keys that is killed over and over loses no write, fails no read, and ends with nothing on the old version', { timeout: 120_000 }, async () => {
  const work = await workUnderRotation({ patients: 20, rowsPerPatient: 10, searcher: cast.actors.nurse })
  let [killed, inTheMiddle] = [0, 0]
  for (let round = 0; round < 6; round += 1) {
    // Every other one goes on where the last was killed.
    const verb = await startVigil(['keys', 'rotate', '--data', '--throttle', '400', ...(round % 2 === 0 ? ['--anew'] : [])])
    await sleep(randomInt(1500, 5500))
    if (verb.child.exitCode === null && verb.child.kill('SIGKILL')) killed += 1
    await verb.ended
    const versions = await Promise.all(work.patients.map(cellVersions))
    if (versions.some((counts) => Object.keys(counts).length > 1)) inTheMiddle += 1
  }
  const report = await under.rotate()
  const done = await work.stop()
  expect(killed).toBe(6)
  expect(inTheMiddle, 'some were killed between the first cell and the last').toBeGreaterThan(0)
  expect(done).toMatchObject({ failedReads: [], failedWrites: [], staleReads: 0 })
  expect(done.writes).toBeGreaterThan(100)
  expect(done.reads).toBeGreaterThan(100)
  expect(done.searches).toBeGreaterThan(20)
  expect(await work.lostUpdates()).toBe(0)
  expect(report.unreadable.filter(({ ownerId }) => work.patients.includes(ownerId))).toEqual([])
  for (const patient of work.patients) expect(Object.keys(await cellVersions(patient))).toHaveLength(1)
}) // prettier-ignore

test('what is written between the reading and the writing of a rotation stays', { timeout: 120_000 }, async () => {
  expect(await lostWhileHeld(cast.cast.sql.superuser, under, 'comparing')).toBe(0)
}) // prettier-ignore

test('control: without comparing and swapping the same rotation loses writes', { timeout: 120_000 }, async () => {
  expect(await lostWhileHeld(cast.cast.sql.superuser, under, 'blindly')).toBeGreaterThan(0)
}) // prettier-ignore
