import 'server-only'

import { appQuery } from '#lib/db/app-database.ts'

/** How the seal of the trail stands: sizes and times, nothing of any entry. */
export type SealStatus = {
  /** number of the present tree; null before the first */
  readonly incarnation: number | null
  readonly leaves: number | null
  readonly stale: boolean
  readonly verifiedLeaves: number | null
  readonly verifiedAt: Date | null
  readonly verifiedOk: boolean | null
}

type Row = {
  incarnation: number | null
  leaves: string | null
  stale: boolean
  verified_size: string | null
  verified_at: Date | null
  verified_ok: boolean | null
}

/** Asks the database how far the trail is sealed and verified. */
export async function readSealStatus(): Promise<SealStatus> {
  const [row] = await appQuery<Row>(
    `SELECT s.incarnation, s.tree_size::text AS leaves, coalesce(s.oldest_unsealed_at < clock_timestamp() - interval '60 seconds', false) AS stale,
       s.verified_size::text, s.verified_at, s.verified_ok FROM audit.seal_status() s`,
  )
  const number = (text: string | null | undefined) => (text == null ? null : Number(text))
  return {
    incarnation: row?.incarnation ?? null,
    leaves: number(row?.leaves),
    stale: row?.stale ?? false,
    verifiedLeaves: number(row?.verified_size),
    verifiedAt: row?.verified_at ?? null,
    verifiedOk: row?.verified_ok ?? null,
  }
}
