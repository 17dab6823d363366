import 'server-only'

import { appQuery } from '#lib/db/app-database.ts'
import type { Actor } from '#lib/policy/actor.ts'

/** Patients whose keys are asked for, and whose cells are counted, at once. */
const pageSize = 500

/** The ids of all patients, in pages. */
export async function listPatients(actor: Actor): Promise<string[][]> {
  const pages: string[][] = []
  for (let after: string | null = null; ;) {
    const rows: { patient_id: string }[] = await appQuery<{ patient_id: string }>(
      'SELECT patient_id FROM audit.all_patients($1, $2::uuid, $3)',
      [actor.sessionToken, after, pageSize],
      'worker',
    )
    if (rows.length === 0) return pages
    pages.push(rows.map((row) => row.patient_id))
    after = rows.at(-1)?.patient_id ?? null
  }
}
