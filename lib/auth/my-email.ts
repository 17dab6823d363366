import 'server-only'

import { z } from 'zod'
import type { Actor } from '#lib/policy/actor.ts'
import { openAccountSecret } from './account-secrets.ts'
import { authQueryOne } from './auth-query.ts'

/** The person's own e-mail address: how devices and apps list the account, and what no password may be made of. Empty without a session. */
export async function myEmail(actor: Actor): Promise<string> {
  const { sealed } = await authQueryOne(
    z.object({ sealed: z.string().nullable() }),
    'SELECT app.my_email_sealed($1) AS sealed',
    [actor.sessionToken],
  )
  return sealed === null ? '' : openAccountSecret('email', actor.accountId, sealed)
}
