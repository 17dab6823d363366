import 'server-only'

import { brandActor, type Actor } from '#lib/policy/actor.ts'
import { checkOneTimeCode, checkRecoveryCode } from './check-second-factor.ts'
import { checkPassword } from './check-password.ts'
import type { Client } from './client.ts'
import { openSession } from './open-session.ts'
import { endSession, touchSession } from './session.ts'

/** What somebody shows to be taken for who they say they are. */
export type Proof = { email: string; password: string; code: string }

export type ProofOutcome<T> =
  | { kind: 'proved'; value: T }
  /** address, password or code is not right; which of them is not said */
  | { kind: 'wrong' }
  /** the one-time code was right and has been used before */
  | { kind: 'used' }
  | { kind: 'wait'; seconds: number }

/**
 * Runs work in the name of a person who is not at a browser but at a terminal: password and one-time code (or a recovery
 * code) are checked as at signing in, with the same brake and the same counts, the code is used up, and a session is opened and
 * ended again. So what the work does, the database does for a session it has looked up, and nobody's word is taken for who they are.
 *
 * Both factors are asked for, because each alone is weak here: a six-digit code can be read from a phone on a desk, and a
 * password can be known to a colleague (NIST SP 800-63B §2.2: two factors for AAL2).
 * @param work gets who it is, by a session that is good until `work` ends
 */
export async function asProvenPerson<T>(
  proof: Proof,
  client: Client,
  work: (actor: Actor) => Promise<T>,
): Promise<ProofOutcome<T>> {
  const first = await checkPassword(proof.email, proof.password, client)
  if (first.kind === 'wait') return first
  if (first.kind !== 'second-factor') return { kind: 'wrong' }
  const isOneTime = /^\d{6}$/.test(proof.code.replaceAll(' ', ''))
  const check = isOneTime ? checkOneTimeCode : checkRecoveryCode
  const second = await check(first.accountId, proof.code, client)
  if (second.kind === 'wait') return second
  if (second.kind === 'used') return { kind: 'used' }
  if (second.kind !== 'accepted') return { kind: 'wrong' }
  const token = await openSession(first.accountId, isOneTime ? 'totp' : 'recovery-code', client)
  try {
    const standing = await touchSession(token)
    if (standing?.state !== 'active') return { kind: 'wrong' }
    const { accountId, role, displayName } = standing
    const actor = brandActor({ accountId, role, displayName, sessionToken: token, clientIp: client.ip })
    return { kind: 'proved', value: await work(actor) }
  } finally {
    await endSession(token, 'sign-out')
  }
}
