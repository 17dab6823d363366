import 'server-only'

/** The two logs that are sealed into one tree, by the letter that a leaf names its log by. */
export type LogLetter = 'P' | 'S'

type Column = {
  readonly name: string
  readonly json: boolean
  readonly time: boolean
  /** by which a writer vouches for the row */
  readonly attests: boolean
}

/** A log with the columns that its leaves are made of. */
export type SealedLog = {
  readonly letter: LogLetter
  readonly table: string
  /** in the order of their names, which is the order of RFC 8785 */
  readonly columns: readonly Column[]
  /** the columns for SELECT, in the same order; their texts are what PostgreSQL prints them as */
  readonly select: string
}

const patientColumns = [
  'accessed_at', 'action_type', 'actor_role', 'actor_user_id', 'break_glass_id', 'cell_digests', 'changed_fields', 'client_ip',
  'db_pid', 'db_role', 'db_user', 'log_id', 'on_behalf_of', 'outcome', 'patient_id', 'purpose', 'reason', 'relation', 'request_id',
  'resource_id', 'resource_type', 'row_mac', 'seq', 'session_id', 'tx_id', 'view', 'writer_id', 'writer_key', 'writer_notes',
  'writer_seq', 'writer_settled',
] // prettier-ignore
const securityColumns = [
  'accessed_at', 'actor_role', 'actor_user_id', 'client_ip', 'db_pid', 'db_user', 'detail', 'event_type', 'log_id', 'outcome',
  'request_id', 'row_mac', 'seq', 'session_id', 'subject_account_id', 'tx_id', 'writer_id', 'writer_key', 'writer_notes',
  'writer_seq', 'writer_settled',
] // prettier-ignore
const jsonColumns = new Set(['cell_digests', 'changed_fields', 'detail'])
const attestingColumns = new Set([
  'row_mac', 'writer_id', 'writer_key', 'writer_notes', 'writer_seq', 'writer_settled',
]) // prettier-ignore

const describe = (letter: LogLetter, table: string, names: readonly string[]): SealedLog => ({
  letter,
  table,
  columns: names.map((name) => ({
    name,
    json: jsonColumns.has(name),
    time: name === 'accessed_at',
    attests: attestingColumns.has(name),
  })),
  select: names.map((name) => `l.${name}`).join(', '),
})

/** Every value as the text that the server sent: nothing is parsed on its way to being hashed. */
export const asText = { getTypeParser: () => (text: string) => text }

/** What a connection must be told first, so that its texts are the same everywhere. */
export const textSettings =
  "SET TimeZone = 'UTC'; SET DateStyle = 'ISO, YMD'; SET bytea_output = 'hex'; SET extra_float_digits = 1"

export const sealedLogs: Readonly<Record<LogLetter, SealedLog>> = {
  P: describe('P', 'patient_phi_audit_log', patientColumns),
  S: describe('S', 'security_event_log', securityColumns),
}
