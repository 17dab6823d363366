import 'server-only'

import { paths } from '#lib/paths.ts'
import { checkPassword } from './check-password.ts'
import { thisClient } from './client.ts'
import { passwordVersion } from './password-version.ts'
import { dropSealed, writeSealed } from './sealed-state.ts'
import { newTotpSecret } from './totp.ts'

export type StartedSignIn =
  { kind: 'go-on'; path: string } | { kind: 'wrong' } | { kind: 'wait'; seconds: number }

/**
 * The first step of signing in, as the page takes it: checks the password and keeps the result in a sealed cookie for
 * the few minutes until the second step. For server actions.
 */
export async function startSignIn(email: string, password: string): Promise<StartedSignIn> {
  const outcome = await checkPassword(email, password, await thisClient())
  if (outcome.kind === 'second-factor') {
    await dropSealed('enrolment')
    await writeSealed('second-factor', { accountId: outcome.accountId, label: email })
    return { kind: 'go-on', path: paths.secondFactor }
  }
  if (outcome.kind === 'enrol') {
    await startEnrolment(outcome.accountId, email)
    return { kind: 'go-on', path: paths.enrol }
  }
  return outcome
}

/**
 * Begins setting up a second factor for somebody who has just shown or chosen a password.
 * Leads on to paths.enrol. A password that is exchanged meanwhile ends it.
 * @param label how their app or device lists the account
 * @param due from signInFactors, when a right code leads to the first passkey
 */
export async function startEnrolment(accountId: string, label: string, due?: Date | null): Promise<void> {
  await dropSealed('second-factor')
  await writeSealed('enrolment', {
    accountId,
    label,
    secret: newTotpSecret(),
    password: await passwordVersion(accountId),
    ...(due ? { due: due.toISOString() } : {}),
  })
}
