import 'server-only'
import { recordId } from '#lib/crypto/record-id.ts'
import { findSourceFiles } from '#lib/fhir/find-source-files.ts'
import { groupByPatient, type PatientGroup } from '#lib/fhir/patient-groups.ts'
import { SourceFault } from '#lib/fhir/source-fault.ts'
import { SourceIndex } from '#lib/fhir/source-index.ts'
import { processKeyStore } from '#lib/keys/process-key-store.ts'
import { asService } from '#lib/phi/service-actor.ts'
import type { Actor } from '#lib/policy/actor.ts'
import { importDirectory } from './import-directory.ts'
import { importPatient, type PatientImport } from './import-patient.ts'
import type { ImportSummary, RefusedFile } from './import-summary.ts'
import { silentProgress, type Progress } from './progress.ts'
import type { Reviewed } from './reviewed-results.ts'

export type ImportSettings = {
  paths: readonly string[]
  /** Names files that name no server themselves; the same source and id is the same resource for ever. */
  source: string
  /** Team that is to care for the patients, or null when nobody is. */
  teamId: string | null
  reviewed?: Reviewed
  progress?: Progress
  /** The service session of a job that this import is a part of; by default it opens one of its own. */
  actor?: Actor
}

/** Patients written at a time: one waits for the database while another is encrypted. */
const patientsAtOnce = 3
/** Keys are asked for in such groups, to find out who is in the record already. */
const keysAtOnce = 200

/**
 * Imports FHIR R4 files: every file is checked from end to end before anything is written, and a file with a fault is
 * left out whole. Then each patient's resources, from whatever files, are written in batches, each admitted and
 * recorded like any other change (purpose: running the clinic). The same files again change nothing.
 * @throws AuditUnavailable, KeysUnavailable, RecordUnavailable; what was written until then stays, and a second run goes on
 */
export async function importSources(settings: ImportSettings): Promise<ImportSummary> {
  const progress = settings.progress ?? silentProgress
  const index = new SourceIndex(settings.source)
  const { files, refused } = await readFiles(settings.paths, index, progress)
  const { groups, withoutPatient } = groupByPatient(index)
  const keys = await processKeyStore()
  const identity = await keys.identityKey()
  const rowId = (system: string, type: string, id: string) => recordId(identity, system, type, id)
  const directory = await importDirectory(index, rowId, identity)
  const summary: ImportSummary = {
    files,
    patients: 0,
    ...directory.tally,
    skippedTypes: Object.fromEntries(index.skippedTypes),
    withoutPatient: Object.fromEntries(withoutPatient),
    refused,
  }
  const importAll = async (actor: Actor) => {
    const hasKey = await patientsWithKey(groups, rowId, (ids) => keys.dataKeysFor(ids))
    const { teamId, reviewed = null } = settings
    const job: PatientImport = {
      actor,
      index,
      identity,
      rowId,
      directory: directory.known,
      hasKey,
      teamId,
      reviewed,
    }
    await importGroups(job, groups, summary, progress)
  }
  try {
    if (groups.length > 0) await (settings.actor ? importAll(settings.actor) : asService('import', importAll))
  } finally {
    index.close()
    progress.end()
  }
  return summary
}

async function readFiles(paths: readonly string[], index: SourceIndex, progress: Progress) {
  const refused: RefusedFile[] = []
  const files: string[] = []
  for (const path of paths) {
    try {
      files.push(...(await findSourceFiles([path])))
    } catch (error) {
      if (!(error instanceof SourceFault)) throw error
      refused.push({ file: path, where: 'path', why: error.why })
    }
  }
  for (const [place, file] of files.entries()) {
    progress.advance('Checking files', place, files.length)
    try {
      await index.addFile(file)
    } catch (error) {
      refused.push({ file, ...faultOf(error) })
    }
  }
  return { files: files.length, refused }
}

function faultOf(error: unknown): { where: string; why: string } {
  if (error instanceof SourceFault) return { where: error.where, why: error.why }
  const code = error instanceof Error && 'code' in error ? String(error.code) : null
  if (code === 'EACCES' || code === 'EISDIR' || code === 'ENOENT')
    return { where: 'file', why: `cannot be read (${code})` }
  throw error
}

async function patientsWithKey(
  groups: readonly PatientGroup[],
  rowId: PatientImport['rowId'],
  keysOf: (ids: string[]) => Promise<Map<string, unknown>>,
): Promise<(patientId: string) => boolean> {
  const ids = groups.flatMap(({ patient, elsewhere }) =>
    patient
      ? [rowId(patient.system, 'Patient', patient.id)]
      : (elsewhere?.systems ?? []).map((system) => rowId(system, 'Patient', elsewhere?.id ?? '')),
  )
  const known = new Set<string>()
  for (let from = 0; from < ids.length; from += keysAtOnce) {
    for (const id of (await keysOf(ids.slice(from, from + keysAtOnce))).keys()) known.add(id)
  }
  return (patientId) => known.has(patientId)
}

async function importGroups(
  job: PatientImport,
  groups: readonly PatientGroup[],
  summary: ImportSummary,
  progress: Progress,
) {
  const waiting = groups[Symbol.iterator]()
  let done = 0
  const worker = async () => {
    for (const group of waiting) {
      const tally = await importPatient(job, group)
      if (tally === 'destroyed') {
        summary.destroyed = (summary.destroyed ?? 0) + 1
      } else if (tally) {
        summary.patients += 1
        summary.created += tally.created
        summary.changed += tally.changed
        summary.unchanged += tally.unchanged
      } else {
        for (const { type } of group.resources)
          summary.withoutPatient[type] = (summary.withoutPatient[type] ?? 0) + 1
      }
      done += 1
      progress.advance('Importing patients', done, groups.length)
    }
  }
  // All are waited for before a failure is told, so that nobody writes on behind the caller's back.
  const ends = await Promise.allSettled(Array.from({ length: patientsAtOnce }, worker))
  const failed = ends.find((end) => end.status === 'rejected')
  if (failed) throw failed.reason
}
