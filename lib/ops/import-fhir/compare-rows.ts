import 'server-only'
import type { SecretKey } from '#lib/crypto/secret-key.ts'
import type { PatientRows, RecordRowLists } from '#lib/fhir/map-patient-record.ts'
import type { ObservationRow, RecordModelName } from '#lib/fhir/rows.ts'
import { modelsInOrder, tableOf, type StoredRow, type WrittenModel } from './record-tables.ts'
import type { RecordClient } from '#lib/phi/types.ts'
import { rowDigest } from './row-digest.ts'

/** One row to be written: everything of it when it is new, or what it is to become. */
export type RowChange = {
  model: WrittenModel
  kind: 'create' | 'update'
  id: string
  data: Record<string, unknown>
}

const idsPerRead = 500

/** What the record has of the rows of a run. One admission for reading serves all of it. */
export async function readStored(record: RecordClient, mapped: PatientRows): Promise<Map<string, StoredRow>> {
  const stored = new Map<string, StoredRow>()
  for (const model of modelsInOrder) {
    const ids = [...idsOf(mapped.rows, model), ...idsOf(mapped.withdrawn, model)]
    const select = {
      id: true,
      sourceDigest: true,
      ...(model === 'observation' ? { diagnosticReportId: true } : {}),
    }
    for (let from = 0; from < ids.length; from += idsPerRead) {
      const batch = ids.slice(from, from + idsPerRead)
      const rows = await tableOf(record, model).findMany({
        where: { id: { in: batch } },
        select,
        take: idsPerRead,
      })
      for (const row of rows) stored.set(row.id, row)
    }
  }
  return stored
}

/** The rows that must be written, in an order that the database accepts, and how many resources were what. */
export function compareRows(
  mapped: PatientRows,
  stored: ReadonlyMap<string, StoredRow>,
  identity: SecretKey,
): { changes: RowChange[]; created: number; changed: number; unchanged: number } {
  const changes: RowChange[] = []
  const states = new Map<string, Set<'created' | 'changed' | 'unchanged'>>()
  for (const model of modelsInOrder) {
    for (const row of mapped.rows[model]) {
      const change = changeOf(model, row, stored.get(row.id), identity)
      if (change) changes.push(change)
      const resource = mapped.partOf.get(row.id) ?? row.id
      const state = change === null ? 'unchanged' : change.kind === 'create' ? 'created' : 'changed'
      states.set(resource, (states.get(resource) ?? new Set()).add(state))
    }
    for (const row of withdrawnOf(mapped, model)) {
      const before = stored.get(row.id)
      const change = before && changeOf(model, row, before, identity)
      if (!change) continue
      changes.push(change)
      states.get(mapped.partOf.get(row.id) ?? row.id)?.add('changed')
    }
  }
  const tally = { created: 0, changed: 0, unchanged: 0 }
  for (const seen of states.values()) tally[seen.size === 1 ? ([...seen][0] ?? 'unchanged') : 'changed'] += 1
  return { changes, ...tally }
}

function changeOf(
  model: RecordModelName,
  row: { id: string },
  stored: StoredRow | undefined,
  identity: SecretKey,
): RowChange | null {
  const sourceDigest = rowDigest(identity, row)
  const { id, ...content } = row
  if (!stored) return { model, kind: 'create', id, data: { ...row, sourceDigest } }
  const same = stored.sourceDigest !== null && Buffer.from(stored.sourceDigest).equals(sourceDigest)
  const link = model === 'observation' ? (row as ObservationRow).diagnosticReportId : null
  const linked = link === null || link === stored.diagnosticReportId
  if (same && linked) return null
  if (same) return { model, kind: 'update', id, data: { diagnosticReportId: link } }
  const { patientId: _stays, diagnosticReportId, ...changed } = content as Record<string, unknown>
  // A report that is not among these files may still be the result's: its link stays.
  const data = { ...changed, ...(diagnosticReportId ? { diagnosticReportId } : {}), sourceDigest }
  return { model, kind: 'update', id, data }
}

function withdrawnOf(mapped: PatientRows, model: RecordModelName): readonly { id: string }[] {
  return model === 'patientContact' || model === 'claimLine' ? mapped.withdrawn[model] : []
}

function idsOf(rows: Partial<RecordRowLists>, model: RecordModelName): string[] {
  return (rows[model] ?? []).map((row) => row.id)
}
