import 'server-only'
import type { Client } from 'pg'

/** The leaves among which all entries of a month lie, and how many entries there are. */
export type MonthRange = { readonly from: number; readonly to: number; readonly entries: number }

/**
 * Where the entries of a month are sealed.
 * @param month its first day, such as 2014-03-01
 * @returns `unsealed`: entries of the month that have no leaf, or leaves that have no entry
 */
export async function findMonthRange(
  client: Client,
  incarnation: number,
  month: string,
): Promise<MonthRange & { unsealed: boolean }> {
  const { rows } = await client.query<{
    first: string | null
    last: string | null
    leaves: string
    rows: string
  }>(
    `WITH bounds AS (SELECT $2::date::timestamp AT TIME ZONE 'UTC' AS begins, ($2::date + interval '1 month') AT TIME ZONE 'UTC' AS ends)
     SELECT min(f.leaf_index)::text AS first, max(f.leaf_index)::text AS last, count(f.leaf_index)::text AS leaves,
       ((SELECT count(*) FROM audit.patient_phi_audit_log l WHERE l.accessed_at >= b.begins AND l.accessed_at < b.ends)
        + (SELECT count(*) FROM audit.security_event_log l WHERE l.accessed_at >= b.begins AND l.accessed_at < b.ends))::text AS rows
       FROM bounds b LEFT JOIN audit.seal_leaf f ON f.incarnation = $1 AND f.accessed_at >= b.begins AND f.accessed_at < b.ends
      GROUP BY b.begins, b.ends`,
    [incarnation, month],
  )
  const [found] = rows
  const [leaves, entries] = [Number(found?.leaves ?? 0), Number(found?.rows ?? 0)]
  const unsealed = leaves !== entries
  if (found?.first == null || found.last == null) return { from: 0, to: 0, entries, unsealed }
  return { from: Number(found.first), to: Number(found.last) + 1, entries, unsealed }
}
