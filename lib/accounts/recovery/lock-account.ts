import 'server-only'

import { z } from 'zod'
import { authQueryOne } from '#lib/auth/auth-query.ts'
import type { Client } from '#lib/auth/client.ts'
import { limitDoor } from '#lib/auth/limit/limit-door.ts'
import { dropMailLink, readMailLink } from '#lib/auth/mail-link.ts'

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

/** Ends everything that is open in the account of the link's letter, and locks it. Works without any session, once. */
export async function lockAccount(client: Client): Promise<Locked> {
  const hash = await readMailLink('not-me')
  if (hash === null) return { kind: 'gone' }
  const limit = await limitDoor('this-wasnt-me', { client })
  if (limit.kind === 'wait') return limit
  const row = await authQueryOne(
    z.object({ done: z.boolean() }),
    'SELECT app.account_lock_by_link($1, $2) AS done',
    [hash, client.ip],
  )
  await dropMailLink()
  if (row.done) await limit.giveBack()
  return { kind: row.done ? 'locked' : 'gone' }
}
