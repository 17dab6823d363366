import 'server-only'

import { randomUUID } from 'node:crypto'
import { z } from 'zod'
import { openTexts, sealNewText } from '#lib/accounts/sealed-text.ts'
import { emailTokens, openAccountSecret, sealAccountSecret } from '#lib/auth/account-secrets.ts'
import { authQuery, authQueryOne } from '#lib/auth/auth-query.ts'
import type { Client } from '#lib/auth/client.ts'
import { limitCode } from '#lib/auth/limit/limit-code.ts'
import { dropMailLink, readMailLink, spendMailLink } from '#lib/auth/mail-link.ts'
import type { Actor } from '#lib/policy/actor.ts'

/** The person's own e-mail address, as they sign in with it. */
export async function readMyEmail(actor: Actor): Promise<string> {
  const { sealed } = await authQueryOne(
    z.object({ sealed: z.string() }),
    'SELECT app.my_email_sealed($1) AS sealed',
    [actor.sessionToken],
  )
  return openAccountSecret('email', actor.accountId, sealed)
}

export type EmailChangeAsked = 'asked' | 'same' | 'code-needed' | 'too-many'

/**
 * Asks for another e-mail address. It changes when the link is opened that goes to the new one; the present one is warned at once. An
 * address that is somebody's already is answered in the same way: nobody learns who has an account here.
 */
export async function askEmailChange(actor: Actor, email: string): Promise<EmailChangeAsked> {
  const present = await readMyEmail(actor)
  if (present.toLowerCase() === email.toLowerCase()) return 'same'
  const [next, former] = [await sealNewText(email), await sealNewText(present)]
  const { outcome } = await authQueryOne(
    z.object({ outcome: z.enum(['asked', 'no-session', 'not-fresh', 'too-many']) }),
    'SELECT app.email_change_ask($1, $2, $3, $4, $5, $6, $7) AS outcome',
    [actor.sessionToken, randomUUID(), next.id, next.sealed, former.id, former.sealed, await emailTokens(email)],
  ) // prettier-ignore
  return outcome === 'asked' || outcome === 'too-many' ? outcome : 'code-needed'
}

const change = z.object({ account_id: z.uuid(), new_text_id: z.uuid(), new_sealed: z.string() })

/** Whether this browser's link still confirms an address. */
export async function canConfirmAddress(): Promise<boolean> {
  const hash = await readMailLink('new-address')
  return (
    hash !== null && (await authQuery(change, 'SELECT * FROM app.email_change_open($1)', [hash])).length > 0
  )
}

export type AddressConfirmed = { kind: 'confirmed' | 'gone' } | { kind: 'wait'; seconds: number }

/** Makes the address of the link's letter the account's, once. Signs nobody in. */
export async function confirmAddress(client: Client): Promise<AddressConfirmed> {
  const hash = await readMailLink('new-address')
  if (hash === null) return { kind: 'gone' }
  const limit = await limitCode('mail-change', client, hash)
  if (limit.kind === 'wait') return limit
  const [row] = await authQuery(change, 'SELECT * FROM app.email_change_open($1)', [hash])
  await dropMailLink()
  if (!row) return { kind: 'gone' }
  const texts = await openTexts([{ id: row.new_text_id, sealed: row.new_sealed }])
  const email = texts.get(row.new_text_id) ?? ''
  const { done } = await authQueryOne(
    z.object({ done: z.boolean() }),
    'SELECT app.email_change_confirm($1, $2, $3, $4) AS done',
    [hash, await sealAccountSecret('email', row.account_id, email), await emailTokens(email), client.ip],
  )
  if (!done) return { kind: 'gone' }
  await spendMailLink('new-address')
  await limit.giveBack()
  return { kind: 'confirmed' }
}
