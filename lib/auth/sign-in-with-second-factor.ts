import 'server-only'

import { cookies } from 'next/headers'
import { clinic } from '#lib/clinic.ts'
import { now } from '#lib/clock.ts'
import { checkOneTimeCode, checkRecoveryCode, type SecondFactorOutcome } from './check-second-factor.ts'
import type { Client } from './client.ts'
import { enrolSecondFactor } from './enrol-second-factor.ts'
import { noteDevice } from './known-device.ts'
import { openSession, type SignInMethod } from './open-session.ts'
import { checkPasskey } from './passkey/check-passkey.ts'
import { enrolPasskey } from './passkey/enrol-passkey.ts'
import { dropSealed, readSealed, writeSealed } from './sealed-state.ts'
import { endSession } from './session.ts'
import { mustUseProvider, openFederatedSession } from './single-sign-on/open-federated-session.ts'
import { sessionCookie } from './session-cookie.ts'
import { isSessionToken } from './session-token.ts'
import { signInFactors } from './sign-in-factors.ts'
import { startEnrolment } from './start-sign-in.ts'

export type SecondStepOutcome =
  | { kind: 'signed-in'; accountId: string; token: string }
  | Exclude<SecondFactorOutcome, { kind: 'accepted' }>
  /** the first step was not taken, or more than a few minutes ago */
  | { kind: 'start-again' }
  /** the code was right, but the role signs in by passkeys: the first one is to be made now */
  | { kind: 'add-passkey' }
  /** this role signs in through the identity provider alone */
  | { kind: 'use-provider' }

/** How the second step is taken: by a factor that is there, or by setting the first one up. */
export type SecondStep = SignInMethod | 'passkey-enrolment'

/**
 * The second step of signing in: reads from the sealed cookie who has shown a password, checks the second factor, and
 * opens the session. A passkey is both steps in one. A session that this browser still had is ended.
 */
export async function signInWithSecondFactor(
  step: SecondStep,
  code: string,
  client: Client,
): Promise<SecondStepOutcome> {
  const outcome = await take(step, code, client)
  if (outcome.kind !== 'accepted') return outcome
  const { accountId } = outcome
  const method = step === 'passkey-enrolment' ? 'enrolment' : step
  const provider = await readSealed('federation')
  const hasProvider = provider?.accountId === accountId
  if (!hasProvider && (await mustUseProvider(accountId))) return { kind: 'use-provider' }
  const token = hasProvider
    ? await openFederatedSession(provider.ticket, method, client)
    : await openSession(accountId, method, client)
  await noteDevice(token)
  const former = (await cookies()).get(sessionCookie)?.value
  if (isSessionToken(former)) await endSession(former, 'sign-out')
  await dropSealed('second-factor', 'enrolment', 'federation')
  return { kind: 'signed-in', accountId, token }
}

type Checked = { kind: 'accepted'; accountId: string } | Exclude<SecondStepOutcome, { kind: 'signed-in' }>

async function take(step: SecondStep, code: string, client: Client): Promise<Checked> {
  switch (step) {
    case 'enrolment':
      return enrol(code)
    case 'passkey-enrolment':
      return enrolByPasskey(code)
    case 'passkey':
      return checkPasskey('sign-in', code, client)
    case 'totp':
    case 'recovery-code':
      return check(step, code, client)
  }
}

async function check(method: 'totp' | 'recovery-code', code: string, client: Client): Promise<Checked> {
  const state = await readSealed('second-factor')
  if (state === null) return { kind: 'start-again' }
  const { accountId } = state
  if (state.byProvider && (await readSealed('federation'))?.accountId !== accountId)
    return { kind: 'start-again' }
  const outcome = await (method === 'totp' ? checkOneTimeCode : checkRecoveryCode)(accountId, code, client)
  if (outcome.kind !== 'accepted') return outcome
  const { mustAddPasskey, passkeyDueUntil } = await signInFactors(accountId)
  if (!mustAddPasskey) return { kind: 'accepted', accountId }
  await startEnrolment(accountId, state.label ?? clinic.name, passkeyDueUntil)
  return { kind: 'add-passkey' }
}

async function enrol(code: string): Promise<Checked> {
  const state = await readSealed('enrolment')
  if (state === null) return { kind: 'start-again' }
  const outcome = await enrolSecondFactor(state.accountId, state.secret, code, state.password)
  return outcome.kind === 'enrolled' ? enrolled(state.accountId, outcome.recoveryCodes) : outcome
}

async function enrolByPasskey(answer: string): Promise<Checked> {
  const [state, passkey] = [await readSealed('enrolment'), await readSealed('passkey')]
  if (state === null || passkey?.purpose !== 'enrol' || passkey.accountId !== state.accountId)
    return { kind: 'start-again' }
  await dropSealed('passkey')
  const name = passkey.name ?? 'Passkey'
  const outcome = await enrolPasskey(
    state.accountId,
    passkey.challenge,
    answer,
    name,
    state.password,
    state.due,
  )
  return outcome.kind === 'enrolled' ? enrolled(state.accountId, outcome.recoveryCodes) : outcome
}

/** The new recovery codes wait in a sealed cookie for the page that shows them once. */
async function enrolled(accountId: string, codes: string[]): Promise<Checked> {
  await writeSealed('recovery-codes', { accountId, codes, madeAt: now().toISOString() })
  return { kind: 'accepted', accountId }
}
