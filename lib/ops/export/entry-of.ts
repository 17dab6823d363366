import 'server-only'
import type { RowTexts } from '#lib/audit/seal/leaf-data.ts'
import { sealedLogs } from '#lib/audit/seal/sealed-log.ts'

const columns = [
  'accessed_at', 'action_type', 'actor_role', 'actor_user_id', 'break_glass_id', 'changed_fields', 'client_ip', 'log_id', 'on_behalf_of',
  'outcome', 'patient_id', 'purpose', 'reason', 'relation', 'request_id', 'resource_id', 'resource_type', 'seq', 'session_id', 'view',
] as const // prettier-ignore
type ColumnName = (typeof columns)[number]

/** One entry of the trail by the names of its columns, as PostgreSQL prints them in UTC. */
export type Entry = Readonly<Record<ColumnName, string | null>>

const places = columns.map(
  (name) => [name, sealedLogs.P.columns.findIndex((column) => column.name === name)] as const,
)

/** Names the texts of a row. */
export const entryOf = (row: RowTexts): Entry =>
  Object.fromEntries(places.map(([name, at]) => [name, row[at] ?? null])) as Entry

/** Names of fields by model: `Observation: value, unit; Patient: familyName`. */
export const fieldsInWords = (changedFields: string | null): string => {
  const fields = JSON.parse(changedFields ?? '{}') as Record<string, unknown>
  return Object.entries(fields)
    .map(([model, names]) => (Array.isArray(names) ? `${model}: ${names.join(', ')}` : model))
    .join('; ')
}
