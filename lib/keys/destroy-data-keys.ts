import 'server-only'
import type { Pool } from 'pg'

/**
 * Destroys every version of one owner's data key: the wrapped bytes go, and the rows stay as destroyed, so that nobody is
 * given a new key in their place. Committed on return; every process is told at once (a trigger notifies), and the lease on
 * cached keys holds for those who do not hear.
 *
 * A version that another process is just making becomes visible only when it is committed, so passes are repeated until one finds
 * nothing more: a new version is made of one that is in use, and none is.
 * @param owner a patient's id
 * @returns how many versions were destroyed, and how many there are; 0 destroyed when it was done before
 */
export async function destroyDataKeys(
  database: Pool,
  owner: string,
): Promise<{ destroyed: number; versions: number }> {
  let destroyed = 0
  for (let pass = 1; ; pass += 1) {
    const { rowCount } = await database.query(
      `UPDATE keys.data_key SET state = 'destroyed', wrapped = NULL
        WHERE purpose = 'data-key' AND owner_id = $1 AND state <> 'destroyed'`,
      [owner],
    )
    destroyed += rowCount ?? 0
    if (rowCount === 0) break
    if (pass > 100) throw new Error('somebody makes new keys faster than they can be destroyed')
  }
  const all = await database.query("SELECT FROM keys.data_key WHERE purpose = 'data-key' AND owner_id = $1", [
    owner,
  ])
  return { destroyed, versions: all.rowCount ?? 0 }
}
