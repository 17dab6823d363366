import { rows } from './database.ts'

/** Tables that a refused request may write to: the session's last use, what was tried, and the record of it. */
const allowedToChange = new Set([
  'app.session',
  'app.sign_in_throttle',
  'app.rate_limit',
  'app.device_throttle',
  'app.recovery_code',
  'audit.security_event_log',
  // the sealer writes these by itself, whenever it seals what stands in the trail
  'audit.seal_incarnation',
  'audit.seal_leaf',
  'audit.seal_node',
  'audit.checkpoint',
  'audit.anchor_receipt',
  'audit.verification',
  'audit.verification_run',
  'audit.verification_finding',
  'audit.anchor_standing',
  'audit.publication',
  // requests for a new password and second steps that failed, and the letters that the worker makes of them
  'app.recovery_request',
  'app.second_step_failure',
  'app.mail_outbox',
  'app.mail_link',
  // the worker its sign of life, and what it watches by
  'app.job_run',
  'audit.access_explanation',
  'audit.watch_day',
  'audit.watch_origin',
  'audit.watch_run',
])

/**
 * A fingerprint of everything that is stored, per table: two that are equal mean that nothing was written, changed or
 * deleted between them. Of the trail, refused attempts are left out, since they are meant to be written.
 */
export async function footprint(): Promise<Record<string, string>> {
  const tables = await rows<{ name: string; partition: boolean }>(
    `SELECT n.nspname || '.' || c.relname AS name, c.relispartition AS partition
       FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
      WHERE n.nspname IN ('app', 'phi', 'audit') AND c.relkind = 'r' ORDER BY 1`,
  )
  const looks = tables
    .filter(({ name }) => !allowedToChange.has(name) && !name.startsWith('audit.security_event_log'))
    .map(({ name }) => {
      const refused = name.startsWith('audit.patient_phi_audit_log') ? `WHERE outcome <> 'DENIED'` : ''
      return `SELECT '${name}' AS name, count(*) || '/' || coalesce(sum(hashtextextended(t.xmin::text || t.ctid::text, 0)), 0) AS print FROM ${name} t ${refused}`
    })
  const prints = await rows<{ name: string; print: string }>(looks.join(' UNION ALL '))
  return Object.fromEntries(prints.map(({ name, print }) => [name, print]))
}

/** Names of the tables that differ between two fingerprints. */
export function changedTables(before: Record<string, string>, after: Record<string, string>): string[] {
  return Object.keys(after).filter((name) => before[name] !== after[name])
}

/** How many accesses of the trail an account has made. */
export async function accessesOf(accountId: string): Promise<number> {
  const [row] = await rows<{ n: number }>(
    'SELECT count(*)::int AS n FROM audit.patient_phi_audit_log WHERE actor_user_id = $1',
    [accountId],
  )
  return row?.n ?? 0
}
