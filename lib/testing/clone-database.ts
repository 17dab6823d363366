import pg from 'pg'

type Grant = { grantee: string; privilege: string }

/**
 * Copies a database with the rights on it. `CREATE DATABASE … TEMPLATE` copies what is inside, not who may connect,
 * and a test database that lets everybody in would hide a missing grant.
 */
export async function cloneDatabase(superuser: pg.Client, template: string, name: string): Promise<void> {
  const quoted = pg.escapeIdentifier(name)
  await superuser.query(
    `CREATE DATABASE ${quoted} TEMPLATE ${pg.escapeIdentifier(template)} STRATEGY file_copy`,
  )
  await superuser.query(`REVOKE ALL ON DATABASE ${quoted} FROM PUBLIC`)
  const { rows } = await superuser.query<Grant>(
    `SELECT CASE WHEN a.grantee = 0 THEN 'PUBLIC' ELSE quote_ident(a.grantee::regrole::text) END AS grantee, a.privilege_type AS privilege
     FROM pg_database d, aclexplode(d.datacl) a WHERE d.datname = $1 AND a.grantee <> d.datdba`,
    [template],
  )
  for (const { grantee, privilege } of rows)
    await superuser.query(`GRANT ${privilege} ON DATABASE ${quoted} TO ${grantee}`)
}
