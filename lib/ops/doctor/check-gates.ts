import 'server-only'
import type { Client } from 'pg'
import { type Check, none } from './finding.ts'

const names = async (client: Client, sql: string): Promise<string[]> =>
  (await client.query<{ name: string }>(sql)).rows.map(({ name }) => name)

const records = `c.relnamespace = 'phi'::regnamespace AND c.relkind IN ('r', 'p')`
const gates = `p.prosecdef AND p.pronamespace IN (SELECT oid FROM pg_namespace WHERE nspname IN ('app', 'audit', 'phi'))`

const questions: readonly { name: string; sql: string; fineText: string; advice: string }[] = [
  {
    name: 'records: row security forced',
    sql: `SELECT c.relname AS name FROM pg_class c WHERE ${records} AND NOT (c.relrowsecurity AND c.relforcerowsecurity)`,
    fineText: 'on every table',
    advice: 'run ALTER TABLE … ENABLE and FORCE ROW LEVEL SECURITY.',
  },
  {
    name: 'records: gate on every table',
    sql: `SELECT DISTINCT c.relname AS name FROM pg_class c, pg_roles r WHERE ${records}
            AND r.rolname LIKE 'phi\\_%' AND r.rolname NOT IN ('phi_owner', 'phi_census') AND has_any_column_privilege(r.oid, c.oid, 'SELECT')
          AND NOT EXISTS (SELECT FROM pg_policy p WHERE p.polrelid = c.oid AND p.polpermissive AND p.polcmd = 'r' AND p.polroles = ARRAY[r.oid]
            AND pg_get_expr(p.polqual, p.polrelid) LIKE '%audit.has_admission(%' AND pg_get_expr(p.polqual, p.polrelid) LIKE '%audit.admitted(%')`,
    fineText: 'each shows only what was admitted',
    advice: 'has grants and no policy that asks audit.admitted.',
  },
  {
    name: 'records: no open policy',
    sql: `SELECT c.relname || '.' || p.polname AS name FROM pg_policy p JOIN pg_class c ON c.oid = p.polrelid WHERE ${records} AND p.polpermissive
            AND pg_get_expr(coalesce(p.polqual, p.polwithcheck), p.polrelid) = 'true'
            AND EXISTS (SELECT FROM unnest(p.polroles) AS member(id) WHERE member.id = 0
              OR member.id NOT IN (SELECT oid FROM pg_roles WHERE rolname IN ('audit_gate', 'audit_watch', 'phi_owner', 'phi_census')))`,
    // audit_watch owns the functions of the job that watches, which see who, whom and when; phi_census owns the functions that count
    // ciphertexts by key version. Nobody can be either.
    fineText: 'only the gate itself, the watching and the count of ciphertexts see past the gate',
    advice: 'lets every row through; drop it.',
  },
  {
    name: 'gates: fixed search_path',
    sql: `SELECT p.oid::regprocedure::text AS name FROM pg_proc p WHERE ${gates}
            AND NOT EXISTS (SELECT FROM unnest(coalesce(p.proconfig, '{}')) AS setting WHERE setting LIKE 'search\\_path=%')`,
    fineText: "on every function with its owner's rights",
    advice: 'run ALTER FUNCTION … SET search_path = pg_catalog, pg_temp.',
  },
  {
    name: 'gates: owners',
    sql: `SELECT p.oid::regprocedure::text AS name FROM pg_proc p JOIN pg_roles r ON r.oid = p.proowner WHERE ${gates} AND (r.rolcanlogin OR r.rolsuper)`,
    fineText: 'roles that nobody logs in as',
    advice: 'belongs to a login or a superuser; give it to the owner role of its schema.',
  },
  {
    name: 'gates: callers',
    sql: `SELECT p.oid::regprocedure::text AS name FROM pg_proc p WHERE ${gates}
            AND EXISTS (SELECT FROM aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) AS a WHERE a.grantee = 0 AND a.privilege_type = 'EXECUTE')`,
    fineText: 'named, never everybody',
    advice: 'run REVOKE EXECUTE … FROM PUBLIC.',
  },
  {
    name: 'logs: partitions',
    sql: `SELECT parent.relname || ' ' || to_char(month, 'YYYY-MM') AS name
          FROM pg_class parent, generate_series(date_trunc('month', now()), date_trunc('month', now()) + interval '2 months', interval '1 month') AS month
          WHERE parent.relnamespace = 'audit'::regnamespace AND parent.relkind = 'p' AND NOT EXISTS (
            SELECT FROM pg_inherits i JOIN pg_class child ON child.oid = i.inhrelid WHERE i.inhparent = parent.oid
              AND pg_get_expr(child.relpartbound, child.oid) LIKE '%FROM (''' || to_char(month, 'YYYY-MM') || '%')`,
    fineText: 'there for this month and the two after it',
    advice:
      'missing; in a month without it every access is refused. Run "vigil migrate", and see why the worker did not make it.',
  },
]

/** Row security of the records, the functions that guard it, and the logs they write to. */
export const checkGates = async (client: Client): Promise<Check[]> => {
  const checks: Check[] = []
  for (const { name, sql, fineText, advice } of questions)
    checks.push(none(name, await names(client, sql), fineText, advice))
  return checks
}
