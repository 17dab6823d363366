import 'server-only'

import { z } from 'zod'
import type { Actor } from '#lib/policy/actor.ts'
import { authQuery } from './auth-query.ts'
import { peekSession } from './session.ts'

/** How long a second factor counts as fresh; the database decides by the same figure (app.is_fresh). */
const freshMilliseconds = 5 * 60_000

/** What a person can show to confirm that it is them. Where only passkeys count, a typed code is not among them. */
export type SecondFactors = { code: boolean; passkey: boolean }

/** What a form has to ask for before it may do what it does; `false` while the last second factor is fresh. */
export type AskedFactors = SecondFactors | false

/** What the person could show; for forms that ask every time. */
export async function mySecondFactors(actor: Actor): Promise<SecondFactors> {
  const [row] = await authQuery(
    z.object({ has_code: z.boolean(), has_passkey: z.boolean() }),
    'SELECT * FROM app.my_second_factors($1)',
    [actor.sessionToken],
  )
  return { code: row?.has_code ?? false, passkey: row?.has_passkey ?? false }
}

/** What a form on a page has to ask for: pages show the field at once instead of after the first press. */
export async function factorsToAskFor(actor: Actor): Promise<AskedFactors> {
  return (await hasFreshSecondFactor(actor)) ? false : mySecondFactors(actor)
}

/** Whether the second factor was shown in the last five minutes of the database's clock. */
export async function hasFreshSecondFactor(actor: Actor): Promise<boolean> {
  const standing = await peekSession(actor.sessionToken)
  return (
    standing.state === 'active' &&
    standing.serverNow.getTime() - standing.secondFactorAt.getTime() < freshMilliseconds
  )
}
