import 'server-only'

import { appQuery } from '#lib/db/app-database.ts'
import { KeysUnavailable } from '#lib/errors.ts'
import type { Actor } from '#lib/policy/actor.ts'
import { emailTokens, openAccountSecret } from './account-secrets.ts'

/** Few enough that nobody who signs in waits for them. */
const accountsAtOnce = 100

/** What a walk over accounts has done: how many have their tokens, and whose address does not open. */
export type RenewedAccounts = { readonly accounts: number; readonly unreadable: readonly string[] }

/**
 * Gives accounts that have no token of their e-mail address under a key version yet the tokens of every live version, and lets
 * what was counted against their sign-ins go along. For the job that renews the search index.
 * @throws KeysUnavailable, and pg's errors
 */
export async function renewAccountTokens(actor: Actor, version: number): Promise<RenewedAccounts> {
  const unreadable: string[] = []
  let accounts = 0
  for (let after: string | null = null; ;) {
    const rows: { id: string; email_sealed: string }[] = await appQuery(
      'SELECT id, email_sealed FROM app.accounts_to_index($1, $2, $3::uuid, $4)',
      [actor.sessionToken, version, after, accountsAtOnce],
      'worker',
    )
    after = rows.at(-1)?.id ?? null
    if (after === null) return { accounts, unreadable }
    const renewed: { id: string; sealed: string; tokens: string[] }[] = []
    for (const { id, email_sealed: sealed } of rows) {
      const email = await openedEmail(id, sealed)
      if (email === null) unreadable.push(id)
      else
        renewed.push({ id, sealed, tokens: (await emailTokens(email)).map((token) => token.toString('hex')) })
    }
    if (renewed.length > 0)
      await appQuery(
        'SELECT app.index_accounts($1, $2::jsonb)',
        [actor.sessionToken, JSON.stringify(renewed)],
        'worker',
      )
    accounts += renewed.length
  }
}

/** Null for an address that does not open, whose account can be found by its former token as long as there is one. */
async function openedEmail(id: string, sealed: string): Promise<string | null> {
  try {
    return await openAccountSecret('email', id, sealed)
  } catch (error) {
    // Not for want of keys, but because of the value itself.
    if (error instanceof KeysUnavailable && error.causeName?.startsWith('CryptoError')) return null
    throw error
  }
}

/** Accounts without a token under a version, and tokens (counts of failed sign-ins too) of versions that are gone. */
export async function accountIndexCensus(
  actor: Actor,
  version: number,
  dead: readonly number[],
): Promise<{ missing: number; dead: number }> {
  const [row] = await appQuery<{ missing: string; dead: string }>(
    'SELECT missing, dead FROM app.account_index_census($1, $2, $3::integer[])',
    [actor.sessionToken, version, dead],
    'worker',
  )
  return { missing: Number(row?.missing), dead: Number(row?.dead) }
}

/** Takes tokens of versions that are gone from all accounts that have another. */
export async function removeAccountTokens(actor: Actor, versions: readonly number[]): Promise<void> {
  for (;;) {
    const [row] = await appQuery<{ changed: number }>(
      'SELECT app.unindex_accounts($1, $2::integer[], $3) AS changed',
      [actor.sessionToken, versions, accountsAtOnce * 5],
      'worker',
    )
    if (!row || row.changed === 0) return
  }
}
