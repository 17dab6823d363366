import 'server-only'
import { now } from '#lib/clock.ts'
import type { SecretKey } from '#lib/crypto/secret-key.ts'
import { mapPatientRecord, type PatientRows, type RecordIds } from '#lib/fhir/map-patient-record.ts'
import type { PatientGroup } from '#lib/fhir/patient-groups.ts'
import type { SourceIndex } from '#lib/fhir/source-index.ts'
import type { RecordClient } from '#lib/phi/types.ts'
import { withRecord } from '#lib/phi/with-record.ts'
import type { Actor } from '#lib/policy/actor.ts'
import { compareRows, readStored, type RowChange } from './compare-rows.ts'
import type { Tally } from './import-directory.ts'
import { newestUnreviewed, withReview, type Reviewed } from './reviewed-results.ts'
import { tableOf } from './record-tables.ts'
import { fieldsOf, inBatches, isTaken, writeBatch } from './write-batches.ts'
import { writeInTime, type WriteUnit } from './write-in-time.ts'

export type PatientImport = {
  actor: Actor
  index: SourceIndex
  identity: SecretKey
  rowId: RecordIds['rowId']
  /** Practitioners and organisations of the directory. */
  directory: ReadonlySet<string>
  /** Whether a patient's row has ever been written: told by its key, so that nothing is asked of the record. */
  hasKey: (patientId: string) => boolean
  teamId: string | null
  reviewed: Reviewed | null
}

/**
 * Takes in everything a run has about one patient. A patient who is in the record is read first (digests only), and
 * only what differs is written; each batch is a unit of work of its own, admitted and recorded by itself.
 * @returns what became of the resources, null when the patient is neither in the files nor in the record, or `destroyed` when
 * the record was destroyed: nothing is added to it
 */
export async function importPatient(
  job: PatientImport,
  group: PatientGroup,
): Promise<Tally | 'destroyed' | null> {
  const patientId = patientIdOf(job, group)
  if (patientId === null) return null
  const stored = job.hasKey(patientId) ? await readExisting(job, group, patientId) : null
  if (stored === 'destroyed') return stored
  if (stored === null && group.patient === null) return null
  const mapped = stored?.mapped ?? mapWith(job, group, patientId, new Set())
  const compared = compareRows(mapped, stored?.rows ?? new Map(), job.identity)
  const changes = compared.changes.map((change) => withReview(change, job.reviewed))
  noteAttention(changes, patientId, stored !== null)
  if (stored === null || !stored.hasTeam) changes.push(...teamChange(job, patientId))
  await writeAll(job, patientId, changes, stored === null)
  return compared
}

type Existing = { mapped: PatientRows; rows: Awaited<ReturnType<typeof readStored>>; hasTeam: boolean }

/** Null when the patient turns out not to be in the record after all (a start that was killed leaves a key behind). */
async function readExisting(
  job: PatientImport,
  group: PatientGroup,
  patientId: string,
): Promise<Existing | 'destroyed' | null> {
  const access = { view: 'import', action: 'READ', patients: [patientId], fields: {} } as const
  const outcome = await withRecord(job.actor, access, async (record) => {
    const known = await knownParents(record, patientId)
    const mapped = mapWith(job, group, patientId, known)
    const rows = await readStored(record, mapped)
    const team = job.teamId ? relationshipId(job, patientId, job.teamId) : null
    const found = team
      ? await record.careRelationship.findMany({ where: { id: team }, select: { id: true }, take: 1 })
      : []
    return { mapped, rows, hasTeam: found.length > 0 }
  })
  if (outcome.kind === 'denied') return outcome.reason === 'record-destroyed' ? 'destroyed' : null
  return outcome.value
}

/** Rows of earlier runs that rows of this one may point to. */
async function knownParents(record: RecordClient, patientId: string): Promise<Set<string>> {
  const known = new Set<string>()
  for (const model of ['encounter', 'claim', 'diagnosticReport'] as const) {
    let cursor: string | undefined
    for (;;) {
      const args = {
        where: { patientId },
        select: { id: true },
        orderBy: { id: 'asc' },
        take: 500,
        ...(cursor ? { cursor: { id: cursor }, skip: 1 } : {}),
      } as const
      const page = await tableOf(record, model).findMany(args)
      for (const row of page) known.add(row.id)
      cursor = page.at(-1)?.id
      if (page.length < 500) break
    }
  }
  return known
}

function mapWith(
  job: PatientImport,
  group: PatientGroup,
  patientId: string,
  known: ReadonlySet<string>,
): PatientRows {
  const exists = (id: string) => known.has(id) || job.directory.has(id)
  return mapPatientRecord(job.index, group, patientId, { rowId: job.rowId, exists })
}

function patientIdOf(job: PatientImport, group: PatientGroup): string | null {
  if (group.patient) return job.rowId(group.patient.system, 'Patient', group.patient.id)
  const { elsewhere } = group
  const candidates = (elsewhere?.systems ?? []).map((system) =>
    job.rowId(system, 'Patient', elsewhere?.id ?? ''),
  )
  return candidates.find((id) => job.hasKey(id)) ?? null
}

/** New results put the patient on top of the worklist. */
function noteAttention(changes: RowChange[], patientId: string, exists: boolean): void {
  const attentionAt = newestUnreviewed(changes, now())
  if (attentionAt === null) return
  const patient = changes.find((change) => change.model === 'patient')
  if (patient) patient.data['attentionAt'] = attentionAt
  else if (exists) changes.push({ model: 'patient', kind: 'update', id: patientId, data: { attentionAt } })
}

function relationshipId(job: PatientImport, patientId: string, teamId: string): string {
  return job.rowId('vigil', 'CareRelationship', `${patientId}|${teamId}`)
}

function teamChange(job: PatientImport, patientId: string): RowChange[] {
  if (!job.teamId) return []
  const id = relationshipId(job, patientId, job.teamId)
  const data = { id, patientId, careTeamId: job.teamId, startsAt: now(), reason: 'Imported for this team' }
  return [{ model: 'careRelationship', kind: 'create', id, data }]
}

/** Writes in batches. The first of a new patient is admitted as CREATE: it must find nobody there. */
async function writeAll(
  job: PatientImport,
  patientId: string,
  changes: RowChange[],
  isNew: boolean,
): Promise<void> {
  const write: WriteUnit = (action, unit) => {
    const access = { view: 'import', action, patients: [patientId], fields: fieldsOf(unit) } as const
    return withRecord(job.actor, access, (record) => writeBatch(record, unit))
  }
  const writeNamed: WriteUnit = (action, unit) =>
    write(action, unit).catch((error: unknown) => {
      // Another clinic's patient has the same record number: it stays among the identifiers and names nobody here.
      if (isTaken(error) && unit.some(namesRecordNumber)) return write(action, unit.map(withoutRecordNumber))
      throw error
    })
  let first = isNew
  for (const batch of inBatches(changes)) {
    await writeInTime(first ? 'CREATE' : 'UPDATE', batch, writeNamed)
    first = false
  }
}

function namesRecordNumber(change: RowChange): boolean {
  return change.model === 'patient' && Boolean(change.data['mrn'])
}

function withoutRecordNumber(change: RowChange): RowChange {
  return change.model === 'patient' ? { ...change, data: { ...change.data, mrn: null } } : change
}
