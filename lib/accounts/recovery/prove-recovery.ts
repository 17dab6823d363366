import 'server-only'

import type { PublicKeyCredentialRequestOptionsJSON } from '@simplewebauthn/server'
import { z } from 'zod'
import { authQuery, authQueryOne } from '#lib/auth/auth-query.ts'
import { checkOneTimeCode, checkRecoveryCode } from '#lib/auth/check-second-factor.ts'
import type { Client } from '#lib/auth/client.ts'
import { readMailLink } from '#lib/auth/mail-link.ts'
import { beginPasskeySignIn } from '#lib/auth/passkey/begin-passkey.ts'
import { checkPasskey } from '#lib/auth/passkey/check-passkey.ts'

export type RecoveryStage = 'gone' | 'prove' | 'password'

/** How far the recovery of this browser's link has come. */
export async function recoveryStage(): Promise<RecoveryStage> {
  const hash = await readMailLink('recovery')
  if (hash === null) return 'gone'
  const row = await authQueryOne(
    z.object({ stage: z.enum(['gone', 'prove', 'password']) }),
    'SELECT app.recovery_stage($1) AS stage',
    [hash],
  )
  return row.stage
}

export type ProofOfRecovery =
  { kind: 'proven' } | { kind: 'wrong' | 'used' | 'gone' | 'start-again' } | { kind: 'wait'; seconds: number }

/**
 * Takes the second factor that a new password needs beside the letter. A link has five tries, counted by the database before anything
 * is checked; the letter itself is never enough (ASVS 5.0 6.4.3).
 * @param answer the code, or what the passkey's device answered
 */
export async function proveRecovery(
  method: 'totp' | 'recovery-code' | 'passkey',
  answer: string,
  client: Client,
): Promise<ProofOfRecovery> {
  const hash = await readMailLink('recovery')
  if (hash === null) return { kind: 'gone' }
  const { account } = await authQueryOne(
    z.object({ account: z.uuid().nullable() }),
    'SELECT app.recovery_try($1, $2) AS account',
    [hash, client.ip],
  )
  if (account === null) return { kind: 'gone' }
  // Whoever holds the letter is not kept waiting by somebody who guesses elsewhere: the link counts as a browser that is known.
  const holder = { ...client, device: hash }
  const outcome =
    method === 'passkey'
      ? await checkPasskey('recovery', answer, holder, account)
      : await (method === 'totp' ? checkOneTimeCode : checkRecoveryCode)(account, answer, holder)
  // An account without this factor looks like one whose code was wrong.
  if (outcome.kind === 'gone') return { kind: 'wrong' }
  if (outcome.kind !== 'accepted') return outcome
  const row = await authQueryOne(z.object({ done: z.boolean() }), 'SELECT app.recovery_proven($1, $2, $3) AS done', [
    hash,
    method,
    client.ip,
  ]) // prettier-ignore
  return row.done ? { kind: 'proven' } : { kind: 'gone' }
}

/** What a device is to sign for it, or null without a live link. Which passkeys there are is not told. */
export async function beginPasskeyRecovery(): Promise<PublicKeyCredentialRequestOptionsJSON | null> {
  const hash = await readMailLink('recovery')
  if (hash === null || (await recoveryStage()) !== 'prove') return null
  const [row] = await authQuery(
    z.object({ account: z.uuid().nullable() }),
    'SELECT app.recovery_account($1) AS account',
    [hash],
  )
  return row?.account ? beginPasskeySignIn(row.account, 'recovery') : null
}
