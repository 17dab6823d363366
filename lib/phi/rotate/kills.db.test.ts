import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { lostWhileHeld } from '#lib/testing/lost-while-held.ts'
import { makeRecordCast, type RecordCast } from '#lib/testing/record-cast.ts'
import {
  cellVersions,
  cellVersionsOf,
  rotationUnderTest,
  type RotationUnderTest,
} from '#lib/testing/rotate-for-test.ts'
import { testDatabase } from '#lib/testing/test-database.ts'
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

/** Which part of the cells is under this version or a later one. */
function shareFrom(version: number, counts: Readonly<Record<number, number>>): number {
  let [there, all] = [0, 0]
  for (const [each, cells] of Object.entries(counts)) {
    all += cells
    if (Number(each) >= version) there += cells
  }
  return there / all
}

test('attack 47: a rotation of data keys that is killed over and over loses no write, fails no read, and ends with nothing on the old version', { timeout: 300_000 }, async () => {
  const work = await workUnderRotation({ patients: 20, rowsPerPatient: 10, searcher: cast.actors.nurse })
  // While somebody holds one patient's cells, no rotation comes to its end: each is killed in the middle, however fast or slow the
  // machine is. Not by a transaction, for whose end everything else on this server would wait.
  const held = await cast.addPatient()
  const holder = new pg.Client({ connectionString: (await testDatabase()).urls.superuser })
  await holder.connect()
  await holder.query("SELECT pg_advisory_lock(audit.lock_key('cells', $1::uuid))", [held])
  let [killed, inTheMiddle, target] = [0, 0, 1]
  const moved = async () => shareFrom(target, await cellVersionsOf(work.patients))
  for (let round = 0; round < 4; round += 1) {
    // Every other one goes on where the last was killed.
    const anew = round % 2 === 0
    if (anew) target += 1
    const before = await moved()
    const goal = before + (1 - before) * (0.05 + 0.85 * Math.random())
    const verb = await startVigil(['keys', 'rotate', '--data', '--throttle', '800', ...(anew ? ['--anew'] : [])])
    while (verb.child.exitCode === null && (await moved()) < goal) await sleep(100)
    if (verb.child.exitCode === null && verb.child.kill('SIGKILL')) killed += 1
    expect(await verb.ended, verb.said.err).toBeNull()
    if (Object.keys(await cellVersionsOf([...work.patients, held])).length > 1) inTheMiddle += 1
  }
  await holder.end()
  const report = await under.rotate()
  await work.until({ writes: 100, reads: 100, searches: 20 })
  const done = await work.stop()
  expect(killed).toBe(4)
  expect(inTheMiddle, 'all were killed between the first cell and the last').toBe(4)
  expect(done).toMatchObject({ failedReads: [], failedWrites: [], staleReads: 0 })
  expect(await work.lostUpdates()).toBe(0)
  expect(report.unreadable.filter(({ ownerId }) => work.patients.includes(ownerId))).toEqual([])
  for (const patient of work.patients) expect(Object.keys(await cellVersions(patient))).toHaveLength(1)
}) // prettier-ignore

test('what is written between the reading and the writing of a rotation stays', { timeout: 300_000 }, async () => {
  expect(await lostWhileHeld(cast.cast.sql.superuser, under, 'comparing')).toBe(0)
}) // prettier-ignore

test('control: without comparing and swapping the same rotation loses writes', { timeout: 300_000 }, async () => {
  expect(await lostWhileHeld(cast.cast.sql.superuser, under, 'blindly')).toBeGreaterThan(0)
}) // prettier-ignore
