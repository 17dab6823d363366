import 'server-only'

import { z } from 'zod'
import { openTexts } from '#lib/accounts/sealed-text.ts'
import { emailTokens, sealAccountSecret } from '#lib/auth/account-secrets.ts'
import { authQuery, authQueryOne } from '#lib/auth/auth-query.ts'
import type { Client } from '#lib/auth/client.ts'
import { limitCode } from '#lib/auth/limit/limit-code.ts'
import { dropMailLink, readMailLink, spendMailLink } from '#lib/auth/mail-link.ts'
import { CryptoError } from '#lib/crypto/crypto-error.ts'
import { KeysUnavailable } from '#lib/errors.ts'

/** Whether this browser's link of "this wasn't me" still leads anywhere. */
export async function canLockAccount(): Promise<boolean> {
  const hash = await readMailLink('not-me')
  if (hash === null) return false
  const row = await authQueryOne(
    z.object({ alive: z.boolean() }),
    "SELECT app.mail_link_open($1, 'not-me') AS alive",
    [hash],
  )
  return row.alive
}

export type Locked = { kind: 'locked' | 'gone' } | { kind: 'wait'; seconds: number }

/**
 * Ends everything that is open in the account of the link's letter, and locks it. Works without any session, once. From the letter that
 * told of another address, the account gets the one back that it had.
 */
export async function lockAccount(client: Client): Promise<Locked> {
  const hash = await readMailLink('not-me')
  if (hash === null) return { kind: 'gone' }
  const limit = await limitCode('this-wasnt-me', client, hash)
  if (limit.kind === 'wait') return limit
  const row = await authQueryOne(
    z.object({ done: z.boolean() }),
    'SELECT app.account_lock_by_link($1, $2, $3, $4) AS done',
    [hash, client.ip, ...(await formerAddress(hash))],
  )
  if (!row.done) {
    await dropMailLink()
    return { kind: 'gone' }
  }
  await spendMailLink('not-me')
  await limit.giveBack()
  return { kind: 'locked' }
}

const former = z.object({ account_id: z.uuid(), former_text_id: z.uuid(), former_sealed: z.string() })

/** The address that was left, sealed for its account, with its tokens; nulls for any other letter. Where it cannot be opened, the lock comes first. */
async function formerAddress(hash: Buffer): Promise<[string | null, Buffer[] | null]> {
  const [row] = await authQuery(former, 'SELECT * FROM app.mail_link_former_address($1)', [hash])
  if (!row) return [null, null]
  try {
    const texts = await openTexts([{ id: row.former_text_id, sealed: row.former_sealed }])
    const email = texts.get(row.former_text_id)
    if (email === undefined) return [null, null]
    return [await sealAccountSecret('email', row.account_id, email), await emailTokens(email)]
  } catch (cause) {
    if (cause instanceof KeysUnavailable || cause instanceof CryptoError) return [null, null]
    throw cause
  }
}
