import type { Client } from 'pg'

/**
 * A month as it would stand in the logs had the product run then: its tables, entries of one patient, and a fifth as many security events.
 * @param month such as 2012-03
 */
export async function plantTrailMonth(
  superuser: Client,
  patientId: string,
  month: string,
  count: number,
): Promise<void> {
  const suffix = month.replace('-', '')
  await superuser.query('SET ROLE audit_owner')
  for (const log of ['patient_phi_audit_log', 'security_event_log'])
    await superuser.query(
      `CREATE TABLE audit.${log}_${suffix} PARTITION OF audit.${log} FOR VALUES FROM ('${month}-01 00:00+00') TO ('${month}-01 00:00+00'::timestamptz + interval '1 month')`,
    )
  await superuser.query('RESET ROLE')
  await superuser.query(
    `INSERT INTO audit.patient_phi_audit_log (accessed_at, actor_user_id, actor_role, db_role, session_id, request_id, patient_id, action_type, view, changed_fields, outcome, purpose, client_ip)
     SELECT $1::timestamptz + n * interval '1 minute', gen_random_uuid(), 'nurse', 'phi_nurse', gen_random_uuid(), gen_random_uuid(), $3, 'READ', 'chart-summary',
       '{"Patient": ["familyName", "mrn"], "Observation": ["välue"]}', 'ALLOWED', 'TREAT', '10.0.0.1' FROM generate_series(1, $2) n`,
    [`${month}-03 02:14:00+00`, count, patientId],
  )
  await superuser.query(
    `INSERT INTO audit.security_event_log (accessed_at, event_type, detail, outcome) SELECT $1::timestamptz + n * interval '7 minutes', 'SIGN_IN_FAILED', '{"n": 1.50, "step": "pass\\"word"}', 'REFUSED' FROM generate_series(1, $2) n`,
    [`${month}-04 02:14:00+00`, Math.ceil(count / 5)],
  )
}
