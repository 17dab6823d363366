import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { env } from '#lib/env.ts'
import { runCommandLine } from '#lib/ops/cli/run-command-line.ts'
import { makeRecordCast, type RecordCast } from '#lib/testing/record-cast.ts'

let records: RecordCast
let patient: string
beforeAll(async () => {
  records = await makeRecordCast()
  // Those that the cast made by SQL hold no ciphertext of ours and have no digests.
  patient = await records.addPatient({ familyName: 'Okafor' })
})
afterAll(() => records.close())

const entry = {
  verb: 'keys verify',
  usage: '[--patient ID]',
  summary: '',
  load: () => import('./keys-verify.ts'),
}
const verify = async (...words: string[]) => {
  const said = { out: '', err: '' }
  const status = await runCommandLine([entry], ['keys', 'verify', ...words], () => env, {
    out: (text) => void (said.out += text),
    err: (text) => void (said.err += text),
  })
  return { status, ...said }
}
/** Puts a value into the database past every safeguard. */
async function put(familyName: string): Promise<void> {
  await records.raw("SET session_replication_role = 'replica'")
  await records.raw('UPDATE phi.patient SET family_name = $2 WHERE id = $1', [patient, familyName])
  await records.raw("SET session_replication_role = 'origin'")
}

test('all is as it was written: exit 0, and cells from before digests were kept are no failure', async () => {
  const { status, out } = await verify()
  expect(out).toContain('all are as they were written')
  expect(out).toContain('before digests were kept')
  expect(status).toBe(0)
})

test('attack 09: an old ciphertext that was put back: exit 1, with its place and no value', async () => {
  const [before] = await records.raw<{ cell: string }>(
    'SELECT family_name AS cell FROM phi.patient WHERE id = $1',
    [patient],
  )
  await records.change([patient], (record) =>
    record.patient.update({
      where: { id: patient },
      data: { familyName: 'Lindqvist' },
      select: { id: true },
    }),
  )
  const [after] = await records.raw<{ cell: string }>(
    'SELECT family_name AS cell FROM phi.patient WHERE id = $1',
    [patient],
  )
  await put(before?.cell ?? '')
  const { status, out } = await verify('--patient', patient)
  expect(status).toBe(1)
  expect(out).toContain(`REPLAYED  patient.family-name  row ${patient}`)
  const told = await verify('--patient', patient, '--json')
  expect(JSON.parse(told.out)).toMatchObject({
    patients: 1,
    findings: [
      {
        kind: 'REPLAYED',
        model: 'Patient',
        column: 'patient.family-name',
        rowId: patient,
        patientId: patient,
      },
    ],
  })
  expect(out + told.out).not.toMatch(/phi1|Okafor|Lindqvist/)
  await put(after?.cell ?? '')
  expect((await verify('--patient', patient)).status, 'control: put right again').toBe(0)
})

test('a patient that does not exist, or is written wrongly, is not "all well"', async () => {
  const unknown = await verify('--patient', randomUUID())
  expect(unknown.status).toBe(1)
  expect(unknown.err + unknown.out).toContain('no such patient')
  expect((await verify('--patient', 'Okafor')).status).toBe(2)
  expect((await verify('everything')).status).toBe(2)
})
