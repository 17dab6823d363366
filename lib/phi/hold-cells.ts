import 'server-only'

import { AuditUnavailable } from '#lib/errors.ts'
import { statementName } from '#lib/db/statement-name.ts'
import type { Connection } from '#lib/db/connection.ts'

const text = 'SELECT audit.hold_cells($1::uuid[])'

/**
 * Holds back every other change to cells of these patients until the transaction ends, so that digests stand in the trail in the
 * order in which their ciphertexts were written. A change takes this by itself as its entry is written; a job that first
 * reads cells and then replaces them takes it before it reads: whatever it reads is then what it replaces.
 * @param patients of one batch, taken in one order everywhere, so that two jobs do not wait for each other
 * @throws AuditUnavailable
 */
export async function holdCells(connection: Connection, patients: readonly string[]): Promise<void> {
  try {
    await connection.query({ name: statementName(text), text, values: [patients] })
  } catch (error) {
    throw new AuditUnavailable('the changes of a record could not be put in order', { cause: error })
  }
}
