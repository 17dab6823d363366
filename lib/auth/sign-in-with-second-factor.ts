import 'server-only'

import { cookies } from 'next/headers'
import { now } from '#lib/clock.ts'
import { checkOneTimeCode, checkRecoveryCode, type SecondFactorOutcome } from './check-second-factor.ts'
import type { Client } from './client.ts'
import { enrolSecondFactor } from './enrol-second-factor.ts'
import { openSession, type SignInMethod } from './open-session.ts'
import { checkPasskey } from './passkey/check-passkey.ts'
import { dropSealed, readSealed, writeSealed } from './sealed-state.ts'
import { endSession } from './session.ts'
import { sessionCookie } from './session-cookie.ts'
import { isSessionToken } from './session-token.ts'

export type SecondStepOutcome =
  | { kind: 'signed-in'; accountId: string; token: string }
  | Exclude<SecondFactorOutcome, { kind: 'accepted' }>
  /** the first step was not taken, or more than a few minutes ago */
  | { kind: 'start-again' }

/**
 * The second step of signing in: reads from the sealed cookie who has shown a password, checks the second factor, and
 * opens the session. A passkey is both steps in one. A session that this browser still had is ended.
 */
export async function signInWithSecondFactor(
  method: SignInMethod,
  code: string,
  client: Client,
): Promise<SecondStepOutcome> {
  const outcome =
    method === 'enrolment'
      ? await enrol(code)
      : method === 'passkey'
        ? await checkPasskey('sign-in', code, client)
        : await check(method, code, client)
  if (outcome.kind !== 'accepted') return outcome
  const { accountId } = outcome
  const token = await openSession(accountId, method, client)
  const former = (await cookies()).get(sessionCookie)?.value
  if (isSessionToken(former)) await endSession(former, 'sign-out')
  await dropSealed('second-factor', 'enrolment')
  return { kind: 'signed-in', accountId, token }
}

type Checked = { kind: 'accepted'; accountId: string } | Exclude<SecondStepOutcome, { kind: 'signed-in' }>

async function check(method: 'totp' | 'recovery-code', code: string, client: Client): Promise<Checked> {
  const state = await readSealed('second-factor')
  if (state === null) return { kind: 'start-again' }
  const { accountId } = state
  const outcome = await (method === 'totp' ? checkOneTimeCode : checkRecoveryCode)(accountId, code, client)
  return outcome.kind === 'accepted' ? { kind: 'accepted', accountId } : outcome
}

async function enrol(code: string): Promise<Checked> {
  const state = await readSealed('enrolment')
  if (state === null) return { kind: 'start-again' }
  const { accountId, secret } = state
  const outcome = await enrolSecondFactor(accountId, secret, code)
  if (outcome.kind !== 'enrolled') return outcome
  await writeSealed('recovery-codes', {
    accountId,
    codes: outcome.recoveryCodes,
    madeAt: now().toISOString(),
  })
  return { kind: 'accepted', accountId }
}
