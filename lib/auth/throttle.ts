import 'server-only'

import { z } from 'zod'
import { addressTokens, networkTokens } from './account-secrets.ts'
import { authQueryOne } from './auth-query.ts'
import type { Client } from './client.ts'
import { turnOf } from './one-at-a-time.ts'

/** What the database knows about an attempt before anything is checked. All null for an address without an account. */
const attempt = z.object({
  account_id: z.uuid().nullable(),
  status: z.enum(['invited', 'active', 'deactivated', 'locked']).nullable(),
  password_hash: z.string().nullable(),
  retry_after_seconds: z.int(),
})

export type Attempt = {
  accountId: string | null
  passwordHash: string | null
  /** how long account or address must wait; 0 to go on */
  retryAfterSeconds: number
}

/**
 * Whose turn an attempt waits for (one-at-a-time.ts): the account's, or in a browser that it is known by, one of its own, so that a
 * flood of guesses does not make its owner queue.
 */
export async function turnFor(email: readonly Buffer[], client: Client): Promise<string> {
  if (!client.device) return turnOf(email)
  const { known } = await authQueryOne(
    z.object({ known: z.boolean() }),
    'SELECT app.sign_in_device_known($1, $2) AS known',
    [email, client.device],
  )
  return known ? `${turnOf(email)} ${client.device.toString('hex')}` : turnOf(email)
}

/**
 * Looks up an attempt to sign in. While it has to wait, that is recorded and nothing may be checked.
 * @param email the address's tokens, under every key version that is known
 */
export async function beginAttempt(email: readonly Buffer[], client: Client): Promise<Attempt> {
  const row = await authQueryOne(attempt, 'SELECT * FROM app.sign_in_begin($1, $2, $3, $4)', [
    email,
    await addressTokens(client.ip),
    await networkTokens(client.ip),
    client.device ?? null,
  ])
  if (row.retry_after_seconds > 0) await count(email, client, 'throttled')
  const usable = row.status === 'active' || row.status === 'invited'
  return {
    accountId: usable ? row.account_id : null,
    passwordHash: usable ? row.password_hash : null,
    retryAfterSeconds: row.retry_after_seconds,
  }
}

/**
 * Counts a failure for the account, the address and the network, and records it; in a browser that the account is known by, for that
 * browser alone, so that nobody elsewhere can make its owner wait. The counts stand in the database: they survive a restart and
 * hold for all web processes together (docs/sign-in-limits.md).
 * @returns seconds to wait from now on, 0 for none
 */
export async function failAttempt(
  email: readonly Buffer[],
  client: Client,
  step: 'password' | 'code' | 'recovery-code',
): Promise<number> {
  return count(email, client, step)
}

async function count(email: readonly Buffer[], client: Client, kind: string): Promise<number> {
  const row = await authQueryOne(
    z.object({ seconds: z.int() }),
    'SELECT app.sign_in_failed($1, $2, $3, $4, $5, $6) AS seconds',
    [
      email,
      await addressTokens(client.ip),
      client.ip,
      kind,
      await networkTokens(client.ip),
      client.device ?? null,
    ],
  )
  return row.seconds
}
