import 'server-only'
import { AuditUnavailable, RecordUnavailable } from '#lib/errors.ts'
import { RecordError } from '#lib/phi/record-error.ts'
import type { Outcome } from '#lib/phi/types.ts'
import type { RowChange } from './compare-rows.ts'

/** Writes changes as one unit of work, admitted and recorded by itself. */
export type WriteUnit = (action: 'CREATE' | 'UPDATE', changes: readonly RowChange[]) => Promise<Outcome<void>>

/**
 * Writes a batch; when its admission ran out before it was done (the machine is busy with other things), each half by an admission of its
 * own. Nothing of a unit that failed was kept. A refusal that has another reason comes back after a few smaller tries.
 * @param action of the first unit: CREATE must find nobody there
 * @throws RecordUnavailable when a unit is not admitted, and whatever the smallest unit throws
 */
export async function writeInTime(
  action: 'CREATE' | 'UPDATE',
  changes: readonly RowChange[],
  write: WriteUnit,
): Promise<void> {
  try {
    const outcome = await write(action, changes)
    if (outcome.kind === 'denied')
      throw new RecordUnavailable(`the import was not admitted (${outcome.reason})`)
  } catch (error) {
    if (changes.length < 2 || !isWithoutAdmission(error)) throw error
    const middle = Math.ceil(changes.length / 2)
    await writeInTime(action, changes.slice(0, middle), write)
    await writeInTime('UPDATE', changes.slice(middle), write)
  }
}

/** The database knows no admission for this change: SQLSTATE 42501, at the entry in the trail or at the row. */
function isWithoutAdmission(error: unknown): boolean {
  if (error instanceof AuditUnavailable) return error.causeName?.endsWith(' 42501') === true
  return error instanceof RecordError && error.code === '42501'
}
