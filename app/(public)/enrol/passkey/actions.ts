'use server'

import type { PublicKeyCredentialCreationOptionsJSON } from '@simplewebauthn/server'
import { redirect } from 'next/navigation'
import { z } from 'zod'
import type { FieldError } from '#components/ui/field-error.ts'
import { finishSignIn } from '#lib/auth/finish-sign-in.ts'
import { beginPasskeyEnrolment } from '#lib/auth/passkey/begin-passkey.ts'
import { waitText } from '#lib/auth/refusal-text.ts'
import { readSealed } from '#lib/auth/sealed-state.ts'
import { paths, withQuery } from '#lib/paths.ts'

export type FirstPasskeyState = { errors: FieldError[] }

const name = z.string().trim().min(1).max(60)

/** Gives what the device needs to make a passkey, to somebody who has just shown or chosen a password. */
export async function beginFirstPasskey(
  givenName: string,
): Promise<FirstPasskeyState & { options?: PublicKeyCredentialCreationOptionsJSON }> {
  const state = await readSealed('enrolment')
  if (state === null) redirect(withQuery(paths.signIn, { notice: 'too-long' }))
  const given = name.safeParse(givenName)
  if (!given.success)
    return { errors: [{ field: 'passkey-name', message: 'Give it a name of up to 60 characters' }] }
  return { errors: [], options: await beginPasskeyEnrolment(state.accountId, state.label, given.data) }
}

/** Keeps the passkey that the device has made, opens the session, and leads to the recovery codes. */
export async function finishFirstPasskey(answer: string): Promise<FirstPasskeyState> {
  const given = z.string().min(1).max(32_768).safeParse(answer)
  const outcome = given.success
    ? await finishSignIn('passkey-enrolment', given.data)
    : { kind: 'wrong' as const }
  switch (outcome.kind) {
    case 'signed-in':
      return redirect(paths.recoveryCodes)
    case 'gone':
      return redirect(withQuery(paths.signIn, { notice: 'too-long' }))
    case 'wait':
      return { errors: [{ field: '', message: waitText(outcome.seconds) }] }
    case 'start-again':
      return {
        errors: [{ field: '', message: 'That took longer than we may wait. Press the button again.' }],
      }
    case 'wrong':
    case 'used':
    case 'add-passkey':
      return { errors: [{ field: '', message: 'Your device did not give what we asked for. Try again.' }] }
  }
}
