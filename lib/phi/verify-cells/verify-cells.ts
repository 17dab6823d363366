import 'server-only'

import { cellDigestKey } from '#lib/crypto/cell-digest.ts'
import { appQuery } from '#lib/db/app-database.ts'
import { processKeyStore } from '#lib/keys/process-key-store.ts'
import type { Actor } from '#lib/policy/actor.ts'
import { models, type Model } from '#lib/phi/registry.ts'
import { asService } from '#lib/phi/service-actor.ts'
import type { Finding } from './finding.ts'
import { verifyRecords } from './verify-records.ts'

/** The result of a verification. */
export type CellsVerified = {
  patients: number
  cells: number
  findings: Finding[]
  /** cells that no change has written since digests are kept, by column id: counted, because there may be a million */
  uncovered: Record<string, number>
}

const patientsPerUnit = 25
/** Findings that become security events of their own; the run's own event tells how many there are. */
const eventsMax = 500

/** Models that hold ciphertexts, whichever unit may name them. */
const encryptedModels: readonly Model[] = [...models.values()].filter(
  (model) => model.owner !== null && model.encrypted.size > 0,
)

/**
 * Holds every ciphertext against the digest that the trail has of it, and reports what is not as it was written. This finds
 * what no reading can: an old ciphertext that somebody put back into its own cell opens like any other.
 * It reads no value: digests are made of ciphertexts, and need only the root of digests, not the patients' keys.
 * @param only one patient, or all
 * @param progress called after each unit with the patients done and their number
 * @throws AuditUnavailable, KeysUnavailable, RecordUnavailable
 */
export function verifyCells(
  only: string | undefined,
  progress: (done: number, total: number) => void = () => undefined,
): Promise<CellsVerified> {
  return asService('key-rotation', async (actor) => {
    const key = cellDigestKey(await (await processKeyStore()).identityKey())
    const result: CellsVerified = { patients: 0, cells: 0, findings: [], uncovered: {} }
    const total = only === undefined ? await countPatients(actor) : 1
    for await (const patients of only === undefined ? allPatients(actor) : [[only]]) {
      const {
        patients: seen,
        cells,
        findings,
        uncovered,
      } = await verifyRecords(actor, key, patients, encryptedModels)
      result.patients += seen
      result.cells += cells
      result.findings.push(...findings)
      for (const [column, count] of uncovered)
        result.uncovered[column] = (result.uncovered[column] ?? 0) + count
      progress(result.patients, total)
    }
    if (only === undefined) result.findings.push(...(await lostPatients(actor)))
    await report(actor, result)
    return result
  })
}

async function* allPatients(actor: Actor): AsyncGenerator<string[]> {
  let after: string | null = null
  for (;;) {
    const rows: { patient_id: string }[] = await appQuery(
      'SELECT patient_id FROM audit.all_patients($1, $2, $3)',
      [actor.sessionToken, after, patientsPerUnit],
      'worker',
    )
    if (rows.length > 0) yield rows.map((row) => row.patient_id)
    after = rows.at(-1)?.patient_id ?? null
    if (rows.length < patientsPerUnit) return
  }
}

async function countPatients(actor: Actor): Promise<number> {
  const [row] = await appQuery<{ count: string }>(
    'SELECT audit.count_patients($1) AS count',
    [actor.sessionToken],
    'worker',
  )
  return Number(row?.count ?? 0)
}

/** Patients who are in the trail and not in the record. Nobody can be admitted to them, so they are asked for by themselves. */
async function lostPatients(actor: Actor): Promise<Finding[]> {
  const rows = await appQuery<{ patient_id: string }>(
    'SELECT patient_id FROM audit.lost_patients($1)',
    [actor.sessionToken],
    'worker',
  )
  return rows.map(({ patient_id: patientId }) => ({
    kind: 'REMOVED',
    model: 'Patient',
    column: null,
    rowId: patientId,
    patientId,
  }))
}

async function report(actor: Actor, { patients, cells, findings, uncovered }: CellsVerified): Promise<void> {
  const count = (kind: Finding['kind']) => findings.filter((finding) => finding.kind === kind).length
  const detail = {
    patients,
    cells,
    replayed: count('REPLAYED'),
    altered: count('ALTERED'),
    removed: count('REMOVED'),
    uncovered: Object.values(uncovered).reduce((sum, each) => sum + each, 0),
  }
  const events = findings.slice(0, eventsMax).map(({ kind, model, column, rowId, patientId }) => ({
    kind,
    model,
    column,
    row_id: rowId,
    patient_id: patientId,
  }))
  await appQuery(
    'SELECT audit.cells_verified($1, $2::jsonb, $3::jsonb)',
    [actor.sessionToken, JSON.stringify(detail), JSON.stringify(events)],
    'worker',
  )
}
