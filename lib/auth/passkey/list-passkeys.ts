import 'server-only'

import { z } from 'zod'
import { openTexts } from '#lib/accounts/sealed-text.ts'
import type { Actor } from '#lib/policy/actor.ts'
import { authQuery } from '#lib/auth/auth-query.ts'

const row = z.object({
  id: z.uuid(),
  credential_id: z.instanceof(Buffer),
  transports: z.array(z.string()),
  is_backed_up: z.boolean(),
  name_text_id: z.uuid(),
  name_sealed: z.string(),
  created_at: z.date(),
  last_used_at: z.date().nullable(),
})

/** A passkey as its owner may see it. */
export type PasskeyView = {
  id: string
  name: string
  createdAt: Date
  lastUsedAt: Date | null
  /** whether the owner's other devices have it too */
  isBackedUp: boolean
}

/** The person's own passkeys, the oldest first. */
export async function listPasskeys(actor: Actor): Promise<PasskeyView[]> {
  const rows = await readPasskeys(actor)
  const names = await openTexts(rows.map((each) => ({ id: each.name_text_id, sealed: each.name_sealed })))
  return rows.map((each) => ({
    id: each.id,
    name: names.get(each.name_text_id) ?? '',
    createdAt: each.created_at,
    lastUsedAt: each.last_used_at,
    isBackedUp: each.is_backed_up,
  }))
}

/** How their devices are reached: for asking one of them, or for leaving out those that have one already. */
export async function listPasskeyIds(actor: Actor): Promise<{ id: string; transports: string[] }[]> {
  const rows = await readPasskeys(actor)
  return rows.map((each) => ({
    id: each.credential_id.toString('base64url'),
    transports: each.transports,
  }))
}

async function readPasskeys(actor: Actor): Promise<z.infer<typeof row>[]> {
  return authQuery(row, 'SELECT * FROM app.my_passkeys($1)', [actor.sessionToken])
}
