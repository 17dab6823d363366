import 'server-only'

import { z } from 'zod'
import type { Actor } from '#lib/policy/actor.ts'
import { sealAccountSecret } from './account-secrets.ts'
import { authQueryOne } from './auth-query.ts'
import { myEmail } from './my-email.ts'
import { dropSealed, readSealed, writeSealed } from './sealed-state.ts'
import { newTotpSecret, totpKeyGroups, totpUri } from './totp.ts'
import { acceptableStep } from './totp-time.ts'

export type TotpChange =
  | 'set'
  /** the code is not one of the new secret's */
  | 'wrong'
  /** the second factor is more than five minutes old */
  | 'code-needed'
  /** begun more than a quarter of an hour ago */
  | 'start-again'
  /** the role signs in by passkeys */
  | 'passkey-only'

/** Begins setting up an authenticator app during a session: a new secret waits in a sealed cookie. For server actions. */
export async function beginTotp(actor: Actor): Promise<void> {
  await writeSealed('new-totp', { accountId: actor.accountId, secret: newTotpSecret() })
}

/** What the page shows while it waits for the first code; null when nothing was begun by this person. */
export async function readNewTotp(
  actor: Actor,
): Promise<{ uri: string; secret: string; groups: string[] } | null> {
  const state = await readSealed('new-totp')
  if (state === null || state.accountId !== actor.accountId) return null
  const label = await myEmail(actor)
  return { uri: totpUri(state.secret, label), secret: state.secret, groups: totpKeyGroups(state.secret) }
}

/** Sets up the app that was begun, once it has shown a right code. For server actions. */
export async function finishTotp(actor: Actor, code: string): Promise<TotpChange> {
  const state = await readSealed('new-totp')
  if (state === null || state.accountId !== actor.accountId) return 'start-again'
  const outcome = await setTotp(actor, state.secret, code)
  if (outcome === 'set') await dropSealed('new-totp')
  return outcome
}

/**
 * Puts an authenticator app beside the person's passkeys, or in place of the one they had, whose codes stop working at once. The
 * database asks for a second factor that is younger than five minutes.
 * @param secret in base 32
 */
export async function setTotp(actor: Actor, secret: string, code: string): Promise<TotpChange> {
  const step = await acceptableStep(secret, code)
  if (step === null) return 'wrong'
  const row = await authQueryOne(
    z.object({ outcome: z.enum(['set', 'no-session', 'not-fresh', 'passkey-only']) }),
    'SELECT app.totp_set($1, $2, $3) AS outcome',
    [actor.sessionToken, await sealAccountSecret('totp-secret', actor.accountId, secret), step],
  )
  return row.outcome === 'no-session' || row.outcome === 'not-fresh' ? 'code-needed' : row.outcome
}
