import 'server-only'

import { appQuery } from '#lib/db/app-database.ts'
import type { Actor } from '#lib/policy/actor.ts'
import type { CensusRow } from './types.ts'

type Row = { patient_id: string; table_name: string; key_version: string; cells: string }

/**
 * How many cells of these patients name which key version, by table, earlier versions of rows included: counted in the
 * data itself, so that progress and end of a rotation are never a matter of what somebody wrote down.
 * @param actor a session of the job `key-rotation`
 */
export async function census(actor: Actor, patients: readonly string[]): Promise<CensusRow[]> {
  if (patients.length === 0) return []
  const rows = await appQuery<Row>(
    'SELECT patient_id, table_name, key_version, cells FROM phi.cell_versions($1, $2::uuid[])',
    [actor.sessionToken, patients],
    'worker',
  )
  return rows.map((row) => ({
    patientId: row.patient_id,
    table: row.table_name,
    version: Number(row.key_version),
    cells: Number(row.cells),
  }))
}
