import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { env } from '#lib/env.ts'
import { dataKeyRotation } from '#lib/keys/data-key-rotation.ts'
import { openKeySource } from '#lib/keys/open-key-source.ts'
import { processKeyStore } from '#lib/keys/process-key-store.ts'
import { plantRecord } from '#lib/testing/plant-record.ts'
import { makeRecordCast, type RecordCast } from '#lib/testing/record-cast.ts'
import { models } from '#lib/phi/registry.ts'
import { census } from './census.ts'
import { rotateDataKeys, type RotationOptions, type RotationReport } from './rotate-data-keys.ts'

let cast: RecordCast
let source: Awaited<ReturnType<typeof openKeySource>>
beforeAll(async () => {
  cast = await makeRecordCast()
  source = await openKeySource(env)
})
afterAll(async () => {
  await source.close()
  await cast.close()
})

const rotate = async (options: Partial<RotationOptions> = {}): Promise<RotationReport> => {
  const keys = await processKeyStore()
  return rotateDataKeys({
    keys,
    store: dataKeyRotation(source, (owner) => keys.dropCachedKeys(owner)),
    cellsPerSecond: 0,
    settleSeconds: 0,
    ...options,
  })
}

/** Versions that the cells of a patient name, with the number of cells. */
const versionsOf = async (patient: string): Promise<Record<number, number>> => {
  const counts: Record<number, number> = {}
  for (const { version, cells } of await census([patient])) counts[version] = (counts[version] ?? 0) + cells
  return counts
}

describe('a record with a row in every table', () => {
  let patient: string
  let planted: Awaited<ReturnType<typeof plantRecord>>
  beforeEach(async () => {
    patient = await cast.addPatient()
    planted = await cast.change([patient], (record) =>
      plantRecord(record, patient, cast.actors.clinician.accountId, (n) => `planted ${n}`),
    )
  })

  const readAll = () =>
    cast.change([patient], async (record) => {
      const found: Record<string, unknown> = {}
      for (const { model, id, field } of planted) {
        const delegate = models.get(model)?.delegate ?? ''
        const table = record as unknown as Record<
          string,
          { findFirst(args: object): Promise<Record<string, unknown>> }
        >
        const row = await table[delegate]?.findFirst({ where: { id }, select: { [field]: true } })
        found[`${model}.${field}`] = row?.[field]
      }
      return found
    })

  test('is wholly under the new key afterwards, and reads as before', async () => {
    const before = await readAll()
    const [first] = Object.keys(await versionsOf(patient))
    expect(first).toBe('1')
    const report = await rotate({ patient })
    expect(report).toMatchObject({
      continued: false,
      patients: 1,
      newKeys: 1,
      onOldVersions: 0,
      unreadable: [],
    })
    const after = await versionsOf(patient)
    expect(Object.keys(after)).toEqual(['2'])
    expect(report.resealed).toBe(after[2])
    expect(report.resealed).toBeGreaterThan(planted.length)
    expect(await readAll()).toEqual(before)
  })
})
