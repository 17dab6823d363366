import 'server-only'
import type { Client } from 'pg'

/** Who stands in the trail: a name for staff and jobs; patients and proxies have none here. */
export type Person = { readonly name: string; readonly title: string }

const unnamed: Readonly<Record<string, string>> = {
  patient: 'A patient, from a portal account',
  proxy: 'A proxy, from a portal account',
}

export type People = { readonly of: (accountId: string | null, role: string | null) => Person }

/** Reads the names of staff and jobs, once for an export. A clinic has hundreds of them, not millions. */
export const readPeople = async (client: Client): Promise<People> => {
  const { rows } = await client.query<{ id: string; display_name: string | null; job_title: string | null }>(
    `SELECT id, display_name, job_title FROM app.account WHERE role NOT IN ('patient', 'proxy')`,
  )
  const known = new Map(
    rows.map((row) => [row.id, { name: row.display_name ?? 'Unknown account', title: row.job_title ?? '' }]),
  )
  return {
    of: (accountId, role) =>
      known.get(accountId ?? '') ?? { name: unnamed[role ?? ''] ?? 'Unknown account', title: '' },
  }
}
