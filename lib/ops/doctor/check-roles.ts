import 'server-only'
import type { Client } from 'pg'
import { type Check, none } from './finding.ts'

const names = async (client: Client, sql: string): Promise<string[]> =>
  (await client.query<{ name: string }>(sql)).rows.map(({ name }) => name)

const loginsOf = `('vigil_app', 'vigil_worker', 'vigil_sealer', 'vigil_audit', 'vigil_owner')`
const servingLogins = `('vigil_app', 'vigil_worker', 'vigil_sealer', 'vigil_audit')`
const ownRoles = `('app_owner', 'audit_owner', 'audit_gate', 'phi_owner', 'phi_census', 'audit_reader')`

const questions: readonly { name: string; sql: string; fineText: string; advice: string }[] = [
  {
    name: 'roles: present',
    sql: `SELECT want AS name FROM unnest(ARRAY['vigil_app','vigil_worker','vigil_sealer','vigil_audit','vigil_owner','app_owner',
            'audit_owner','audit_gate','phi_owner','phi_census','phi_job_import','phi_job_rotate','phi_job_reindex','phi_job_shred',
            'audit_reader']) AS want
          WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = want)`,
    fineText: 'all there',
    advice: 'missing; run what "vigil db bootstrap --print" prints.',
  },
  {
    name: 'roles: attributes',
    sql: `SELECT rolname AS name FROM pg_roles
          WHERE (rolname IN ${loginsOf} OR rolname IN ${ownRoles} OR rolname LIKE 'phi\\_%')
            AND (rolsuper OR rolbypassrls OR rolcreaterole OR rolcreatedb OR rolreplication)`,
    fineText: 'no superuser, no way past row security',
    advice: 'has rights that pass by every rule; take them away with ALTER ROLE.',
  },
  {
    name: 'roles: no log-in for owners and gates',
    sql: `SELECT rolname AS name FROM pg_roles WHERE rolcanlogin AND (rolname IN ${ownRoles} OR rolname LIKE 'phi\\_%')`,
    fineText: 'nobody can log in as one',
    advice: 'can log in; run ALTER ROLE … NOLOGIN.',
  },
  {
    name: 'logins: own nothing',
    sql: `SELECT DISTINCT r.rolname AS name FROM pg_roles r WHERE r.rolname IN ${servingLogins} AND (
            EXISTS (SELECT FROM pg_class WHERE relowner = r.oid) OR EXISTS (SELECT FROM pg_proc WHERE proowner = r.oid)
            OR EXISTS (SELECT FROM pg_namespace WHERE nspowner = r.oid) OR EXISTS (SELECT FROM pg_database WHERE datdba = r.oid))`,
    fineText: 'none owns an object',
    advice: 'owns something and could take its rules off; give that to the owner role of its schema.',
  },
  {
    name: 'logins: assume no owner',
    sql: `SELECT m.rolname || ' → ' || o.rolname AS name FROM pg_auth_members a JOIN pg_roles m ON m.oid = a.member JOIN pg_roles o ON o.oid = a.roleid
          WHERE m.rolname IN ${servingLogins} AND o.rolname IN ('app_owner', 'audit_owner', 'audit_gate', 'phi_owner', 'phi_census')`,
    fineText: 'none may become an owner or a gate',
    advice: 'run REVOKE for that membership.',
  },
  {
    name: 'logins: inherit no right on records',
    sql: `SELECT l.name || ' on ' || c.relname AS name FROM unnest(ARRAY['vigil_app','vigil_worker','vigil_sealer','vigil_audit']) AS l(name)
          JOIN pg_roles r ON r.rolname = l.name
          JOIN pg_class c ON c.relnamespace = 'phi'::regnamespace AND c.relkind IN ('r', 'p', 'v', 'm')
          WHERE has_any_column_privilege(r.oid, c.oid, 'SELECT, INSERT, UPDATE') OR has_table_privilege(r.oid, c.oid, 'DELETE, TRUNCATE')`,
    fineText: 'only an admitted unit of work has any',
    advice: 'revoke it: a login must assume a role before it may touch a record.',
  },
  {
    name: 'rights: nothing to create in',
    sql: `SELECT 'the database for ' || r.rolname AS name FROM pg_roles r WHERE (r.rolname IN ${servingLogins} OR r.rolname LIKE 'phi\\_%' AND r.rolname <> 'phi_owner')
            AND (has_database_privilege(r.oid, current_database(), 'CREATE') OR has_database_privilege(r.oid, current_database(), 'TEMP'))
          UNION ALL
          SELECT n.nspname || ' for ' || r.rolname FROM pg_roles r, pg_namespace n
          WHERE n.nspname !~ '^pg_' AND (r.rolname IN ${servingLogins} OR r.rolname LIKE 'phi\\_%' AND r.rolname <> 'phi_owner') AND has_schema_privilege(r.oid, n.oid, 'CREATE')`,
    fineText: 'no temporary tables, no schemas to write to',
    advice: 'revoke CREATE and TEMPORARY: what is made there outlives a unit of work.',
  },
  {
    name: 'logs: append-only',
    sql: `SELECT r.rolname || ' on ' || c.relname AS name FROM pg_class c, pg_roles r
          WHERE c.relnamespace = 'audit'::regnamespace AND c.relkind IN ('r', 'p') AND c.relname ~ '_log'
            AND (r.rolname IN ${loginsOf} OR r.rolname IN ('audit_gate', 'audit_reader', 'app_owner', 'phi_owner') OR r.rolname LIKE 'phi\\_%')
            AND (has_any_column_privilege(r.oid, c.oid, 'UPDATE') OR has_table_privilege(r.oid, c.oid, 'DELETE, TRUNCATE'))
            AND NOT pg_has_role(r.oid, c.relowner, 'USAGE')`,
    fineText: 'nobody but the owner may change a row',
    advice: 'revoke UPDATE, DELETE and TRUNCATE.',
  },
]

/** Attributes of roles and grants of logins, from the catalogue; any login may read it. */
export const checkRoles = async (client: Client): Promise<Check[]> => {
  const checks: Check[] = []
  for (const { name, sql, fineText, advice } of questions)
    checks.push(none(name, await names(client, sql), fineText, advice))
  return checks
}
