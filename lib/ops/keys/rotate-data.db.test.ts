import { afterAll, beforeAll, expect, test } from 'vitest'
import { parseEnv } from '#lib/parse-env.ts'
import type { CommandInput } from '#lib/ops/cli/command.ts'
import { makeRecordCast, type RecordCast } from '#lib/testing/record-cast.ts'
import { cellVersions } from '#lib/testing/rotate-for-test.ts'
import { startVigil } from '#lib/testing/vigil-process.ts'
import { rotateData } from './rotate-data.ts'

let cast: RecordCast
beforeAll(async () => {
  cast = await makeRecordCast()
})
afterAll(() => cast.close())

test.each<[string, CommandInput['options']]>([
  ['a patient that is no id', { patient: 'maria' }],
  ['a throttle that is no number', { throttle: 'slowly' }],
  ['an age that is none', { retire: true, 'destroy-old': 'soon' }],
  ['destroying without retiring', { 'destroy-old': '30d' }],
])('%s is wrong usage, and nothing is rotated', async (_what, options) => {
  const input = { words: [], options, env: parseEnv({}), say: () => undefined }
  await expect(rotateData(input)).rejects.toMatchObject({ name: 'WrongUsage' })
})

test('the verb rotates one patient, says what it did, counts twice with a wait between, and retires the former key later', async () => {
  const [patient, other] = [await cast.addPatient(), await cast.addPatient()]
  const rotated = await startVigil(['keys', 'rotate', '--data', '--patient', patient, '--json'])
  expect(await rotated.ended, rotated.said.err).toBe(0)
  const report = JSON.parse(rotated.said.out) as { resealed: number; passes: number }
  expect(report).toMatchObject({ patients: 1, newKeys: 1, onOldVersions: 0, unreadable: [] })
  expect(report.passes).toBeGreaterThanOrEqual(3)
  expect(await cellVersions(patient)).toEqual({ 2: report.resealed })
  expect(Object.keys(await cellVersions(other)), 'control').toEqual(['1'])
  const retired = await startVigil(['keys', 'rotate', '--data', '--retire', '--patient', patient])
  expect(await retired.ended, retired.said.err).toBe(0)
  expect(retired.said.out).toContain('1 disabled, 0 destroyed')
}, 240_000)
