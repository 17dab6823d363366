import 'server-only'
import { now } from '#lib/clock.ts'
import { RecordError } from '#lib/phi/record-error.ts'
import type { RecordClient } from '#lib/phi/types.ts'
import { viewFields } from '#lib/policy/views.ts'
import type { RowChange } from './compare-rows.ts'
import { tableOf } from './record-tables.ts'

/** Of one unit of work: small enough to end well within the 15 seconds that an admission lives. */
const batchWeight = 400
/** A changed row is written by itself, after its former value was read: as much work as several new ones. */
const updateWeight = 6
const batchBytes = 8 * 1024 * 1024
const rowsPerStatement = 200

/** Cuts changes into units of work, by number of rows and by the size of their documents. */
export function* inBatches(changes: readonly RowChange[]): Generator<RowChange[]> {
  let batch: RowChange[] = []
  let bytes = 0
  let weight = 0
  for (const change of changes) {
    const content = change.data['content']
    const size = content instanceof Uint8Array ? content.length : 0
    if (batch.length > 0 && (weight >= batchWeight || bytes + size > batchBytes)) {
      yield batch
      batch = []
      bytes = 0
      weight = 0
    }
    batch.push(change)
    bytes += size
    weight += change.kind === 'update' ? updateWeight : 1
  }
  if (batch.length > 0) yield batch
}

/** The fields of patients' data that a batch writes: no more than these are asked for, and stand in the trail. */
export function fieldsOf(batch: readonly RowChange[]): Record<string, string[]> {
  const declared = viewFields('import')
  const fields = new Map<string, Set<string>>()
  for (const { model, kind, data } of batch) {
    const name = model.charAt(0).toUpperCase() + model.slice(1)
    const known = fields.get(name) ?? new Set<string>()
    for (const field of declared[name] ?? []) if (field in data) known.add(field)
    if (model === 'observation' && kind === 'update')
      for (const field of ['value', 'unit', 'previousValue']) known.add(field)
    fields.set(name, known)
  }
  return Object.fromEntries([...fields].map(([name, known]) => [name, [...known]]))
}

/** Writes one batch: new rows by model, then changes one by one, because each ciphertext is bound to its row. */
export async function writeBatch(record: RecordClient, batch: readonly RowChange[]): Promise<void> {
  for (let from = 0; from < batch.length;) {
    const first = batch[from]
    if (!first) return
    const run = batch.slice(from, from + rowsPerStatement)
    const length = run.findIndex((change) => change.model !== first.model || change.kind !== first.kind)
    const same = length === -1 ? run : run.slice(0, length)
    if (first.kind === 'create') await createRows(record, first.model, same)
    else for (const change of same) await updateRow(record, change)
    from += same.length
  }
}

async function createRows(
  record: RecordClient,
  model: RowChange['model'],
  changes: readonly RowChange[],
): Promise<void> {
  await tableOf(record, model).createMany({ data: changes.map((change) => change.data) })
}

async function updateRow(record: RecordClient, change: RowChange): Promise<void> {
  const table = tableOf(record, change.model)
  const data =
    change.model === 'observation' && 'value' in change.data
      ? await withPreviousValue(record, change)
      : change.data
  await table.update({ where: { id: change.id }, data, select: { id: true } })
}

/**
 * A result whose value changes keeps the value that it replaces and the time of the correction: what somebody may have
 * acted on must stay visible.
 */
async function withPreviousValue(record: RecordClient, change: RowChange): Promise<Record<string, unknown>> {
  const [before] = await tableOf(record, 'observation').findMany({
    where: { id: change.id },
    select: { id: true, value: true, unit: true, issuedAt: true },
    take: 1,
  })
  const { value, unit, issuedAt } = change.data as {
    value: string | null
    unit: string | null
    issuedAt: Date | null
  }
  if (!before || before.value === null || before.value === undefined || before.value === value)
    return change.data
  const previousValue = before.unit && before.unit !== unit ? `${before.value} ${before.unit}` : before.value
  const later = issuedAt && before.issuedAt && issuedAt > before.issuedAt ? issuedAt : now()
  // A correction is news, whoever reviewed the value before.
  return { ...change.data, previousValue, correctedAt: later, reviewedAt: null, reviewedBy: null }
}

/** Whether a write failed because a value that must be unique belongs to another row. */
export function isTaken(error: unknown): boolean {
  return error instanceof RecordError && error.code === 'P2002'
}
