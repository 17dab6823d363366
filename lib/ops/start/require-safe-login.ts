import 'server-only'
import { openClient } from '#lib/db/open-client.ts'
import { Refused } from '#lib/errors.ts'

const question = `
  SELECT rolname AS login, rolsuper OR rolbypassrls OR rolcreaterole OR rolreplication AS "tooMuch",
    (SELECT count(*) FROM pg_class c WHERE c.relowner = r.oid)
    + (SELECT count(*) FROM pg_proc p WHERE p.proowner = r.oid)
    + (SELECT count(*) FROM pg_namespace n WHERE n.nspowner = r.oid)
    + (SELECT count(*) FROM pg_database d WHERE d.datdba = r.oid) AS owned
  FROM pg_roles r WHERE rolname = session_user`

/**
 * The login that serves people must be bound by row security and own nothing: an owner may take any rule off again.
 * @throws Refused naming the login and what to do
 */
export const requireSafeLogin = async (url: string): Promise<void> => {
  const client = await openClient(url)
  try {
    const { rows } = await client.query<{ login: string; tooMuch: boolean; owned: string }>(question)
    const [row] = rows
    if (row === undefined || row.tooMuch || Number(row.owned) > 0)
      throw new Refused(
        `The database login ${row?.login ?? ''} owns something or may pass by row security, so nothing would bind the web process: use the login vigil_app that "vigil db bootstrap --print" makes.`,
      )
  } finally {
    await client.end()
  }
}
