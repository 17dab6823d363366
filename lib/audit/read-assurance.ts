import 'server-only'

import { appQuery } from '#lib/db/app-database.ts'

/** The last verification that read the whole tree, or all that was new of it. */
export type TrailAssurance = { size: number; at: Date; ok: boolean; through: Date | null }

type Row = {
  verified_size: string
  verified_at: Date
  verified_ok: boolean
  verified_through: Date | null
}

/** How far it can be relied on that an entry which is not there never was. Null before the first verification. */
export async function readAssurance(): Promise<TrailAssurance | null> {
  const [row] = await appQuery<Row>('SELECT * FROM audit.trail_assurance()')
  if (!row) return null
  return {
    size: Number(row.verified_size),
    at: row.verified_at,
    ok: row.verified_ok,
    through: row.verified_through,
  }
}
