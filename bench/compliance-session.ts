import { randomBytes } from 'node:crypto'
import pg from 'pg'
import { brandActor, type Actor } from '#lib/policy/actor.ts'

/** A session of the clinic's compliance officer, opened by SQL as superuser. */
export async function openComplianceSession(superuserUrl: string): Promise<Actor> {
  const client = new pg.Client({ connectionString: superuserUrl })
  await client.connect()
  try {
    const sessionToken = randomBytes(32).toString('base64url')
    const { rows } = await client.query<{ id: string }>(
      `SELECT id FROM app.account WHERE role = 'compliance' AND status = 'active' LIMIT 1`,
    )
    const accountId = rows[0]?.id ?? ''
    await client.query(
      `SELECT app.session_open($1, sha256(convert_to($2, 'UTF8')), 'totp', '127.0.0.1', 'benchmark')`,
      [accountId, sessionToken],
    )
    return brandActor({ accountId, role: 'compliance', displayName: '', sessionToken, clientIp: '127.0.0.1' })
  } finally {
    await client.end()
  }
}
