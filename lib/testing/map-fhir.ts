import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { mapPatientRecord, type RecordRowLists } from '#lib/fhir/map-patient-record.ts'
import { groupByPatient } from '#lib/fhir/patient-groups.ts'
import { SourceIndex } from '#lib/fhir/source-index.ts'

/** A folder of its own for files of a test, gone after `work`. */
export async function inFolder<T>(
  work: (write: (name: string, content: unknown) => string) => Promise<T>,
): Promise<T> {
  const folder = mkdtempSync(path.join(tmpdir(), 'vigil-fhir-'))
  const write = (name: string, content: unknown) => {
    const file = path.join(folder, name)
    writeFileSync(
      file,
      typeof content === 'string' || content instanceof Uint8Array ? content : JSON.stringify(content),
    )
    return file
  }
  try {
    return await work(write)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/**
 * The rows that resources of one patient become, by way of a real file, so that what no file could hold is not tested.
 * The patient is added when none is given; ids of rows read `Type/id`.
 */
export async function mapFhir(...resources: object[]): Promise<RecordRowLists> {
  const hasPatient = resources.some(
    (resource) => 'resourceType' in resource && resource.resourceType === 'Patient',
  )
  const all = hasPatient ? resources : [{ resourceType: 'Patient', id: 'p' }, ...resources]
  return inFolder(async (write) => {
    const index = new SourceIndex('test')
    const entry = all.map((resource) => ({ resource }))
    await index.addFile(write('bundle.json', { resourceType: 'Bundle', type: 'collection', entry }))
    const { groups } = groupByPatient(index)
    const [group] = groups
    if (!group) throw new Error('no patient')
    const ids = {
      rowId: (_system: string, type: string, id: string) => `${type}/${id}`,
      exists: (id: string) => id.startsWith('Practitioner/'),
    }
    return mapPatientRecord(index, group, `Patient/${group.patient?.id}`, ids).rows
  })
}

/** Every resource of `mapFhir` is about this patient. */
export const subject = { reference: 'Patient/p' }
