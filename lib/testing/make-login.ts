import { randomBytes, randomUUID } from 'node:crypto'
import { emailTokens, sealAccountSecret } from '#lib/auth/account-secrets.ts'
import { newTotpSecret } from '#lib/auth/totp.ts'
import { appQuery } from '#lib/db/app-database.ts'
import { asService } from '#lib/phi/service-actor.ts'
import { brandActor, type Actor } from '#lib/policy/actor.ts'
import type { PersonRole } from '#lib/policy/roles.ts'

export type Login = { accountId: string; email: string; emailTokens: Buffer[]; actor: Actor }

/** A signed-in account whose e-mail address really opens, unlike those of the door's cast. Needs a key store. */
export async function makeLogin(role: PersonRole): Promise<Login> {
  const accountId = randomUUID()
  const email = `${accountId}@example.org`
  const tokens = await emailTokens(email)
  const displayName = role === 'patient' || role === 'proxy' ? null : `Wendy ${accountId}`
  const emailSealed = await sealAccountSecret('email', accountId, email)
  const totpSealed = await sealAccountSecret('totp-secret', accountId, newTotpSecret())
  await asService('people', (operator) =>
    appQuery(
      'SELECT app.account_create($1, $2, $3, $4, NULL, $5, $6, NULL, $7, NULL)',
      [operator.sessionToken, accountId, role, displayName, emailSealed, tokens, totpSealed],
      'worker',
    ),
  )
  const sessionToken = randomBytes(32).toString('base64url')
  await appQuery(`SELECT app.session_open($1, sha256(convert_to($2, 'UTF8')), 'totp', '10.0.0.7', 'test')`, [
    accountId,
    sessionToken,
  ])
  const actor = brandActor({ accountId, role, displayName: displayName ?? '', sessionToken, clientIp: null })
  return { accountId, email, emailTokens: tokens, actor }
}

/** Fails to sign in so many times, without waiting. @returns seconds to wait after the last */
export async function failSignIns(login: Login, times: number): Promise<number> {
  const [row] = await appQuery<{ seconds: number }>(
    `SELECT max(app.sign_in_failed($1, NULL, NULL, 'password')) AS seconds FROM generate_series(1, $2::integer)`,
    [login.emailTokens, times],
  )
  return row?.seconds ?? 0
}

/** Seconds that an attempt to sign in would have to wait now. */
export async function waitOf(login: Login): Promise<number> {
  const [row] = await appQuery<{ seconds: number }>(
    'SELECT retry_after_seconds AS seconds FROM app.sign_in_begin($1, NULL)',
    [login.emailTokens],
  )
  return row?.seconds ?? 0
}

/** Security events about an account, oldest first, seen past every safeguard. */
export async function eventsAbout(
  superuser: { query(text: string, values: unknown[]): Promise<{ rows: unknown[] }> },
  accountId: string,
): Promise<unknown[]> {
  const { rows } = await superuser.query(
    `SELECT event_type, actor_role, detail FROM audit.security_event_log WHERE subject_account_id = $1 ORDER BY seq`,
    [accountId],
  )
  return rows
}
