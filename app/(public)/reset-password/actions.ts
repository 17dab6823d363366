'use server'

import type { PublicKeyCredentialRequestOptionsJSON } from '@simplewebauthn/server'
import { redirect } from 'next/navigation'
import { z } from 'zod'
import type { FieldError } from '#components/ui/field-error.ts'
import {
  beginPasskeyRecovery,
  type ProofOfRecovery,
  proveRecovery,
} from '#lib/accounts/recovery/prove-recovery.ts'
import { resetPassword } from '#lib/accounts/recovery/reset-password.ts'
import { thisClient } from '#lib/auth/client.ts'
import { passwordFaultText } from '#lib/auth/password-rules.ts'
import { codeText, waitText } from '#lib/auth/refusal-text.ts'
import { paths, withQuery } from '#lib/paths.ts'

export type ResetState = { errors: FieldError[] }

const codeInput = z.string().trim().min(1).max(64)

/** Takes a one-time code or a recovery code; six digits are the first, anything else the second. */
export async function proveByCode(_: ResetState, form: FormData): Promise<ResetState> {
  const code = codeInput.safeParse(form.get('code'))
  if (!code.success) return { errors: [{ field: 'code', message: 'Enter a code' }] }
  const method = /^\d{6}$/.test(code.data.replaceAll(' ', '')) ? 'totp' : 'recovery-code'
  const outcome = await proveRecovery(method, code.data, await thisClient())
  return { errors: [{ field: 'code', message: refusalOf(outcome, method) }] }
}

/** What a passkey is to sign. */
export async function startProofByPasskey(): Promise<PublicKeyCredentialRequestOptionsJSON | null> {
  return beginPasskeyRecovery()
}

/** Takes a passkey's answer; or says why not. */
export async function proveByPasskey(answer: string): Promise<{ message: string }> {
  const given = z.string().min(1).max(8192).safeParse(answer)
  const outcome: ProofOfRecovery = given.success
    ? await proveRecovery('passkey', given.data, await thisClient())
    : { kind: 'wrong' }
  return { message: refusalOf(outcome, 'passkey') }
}

/** Why a proof was not taken; leads on when it was, or when nothing is left to try. */
function refusalOf(outcome: ProofOfRecovery, method: 'totp' | 'recovery-code' | 'passkey'): string {
  if (outcome.kind === 'proven' || outcome.kind === 'gone') redirect(paths.resetPassword)
  if (outcome.kind === 'wait') return waitText(outcome.seconds)
  if (outcome.kind === 'start-again') return 'That took longer than we may wait. Press the button again.'
  if (method === 'passkey') return 'This passkey is not one of this account’s. Use another one, or a code.'
  return codeText(outcome.kind, method)
}

/** Sets the new password, after the second factor. Signs nobody in. */
export async function setNewPassword(_: ResetState, form: FormData): Promise<ResetState> {
  const password = z.string().min(1).max(1024).safeParse(form.get('password'))
  if (!password.success) return { errors: [{ field: 'password', message: 'Enter a new password' }] }
  const outcome = await resetPassword(password.data, await thisClient())
  if (outcome.kind === 'refused')
    return { errors: [{ field: 'password', message: passwordFaultText[outcome.fault] }] }
  redirect(withQuery(paths.resetPassword, { done: outcome.kind === 'set' ? 'set' : null }))
}
