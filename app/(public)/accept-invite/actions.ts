'use server'

import { redirect } from 'next/navigation'
import { z } from 'zod'
import type { FieldError } from '#components/ui/field-error.ts'
import { thisClient } from '#lib/auth/client.ts'
import { acceptInvitation, invitationHash, readInvitation } from '#lib/auth/invitation.ts'
import { limitCode } from '#lib/auth/limit/limit-code.ts'
import { passwordFault, passwordFaultText } from '#lib/auth/password-rules.ts'
import { waitForCodeText } from '#lib/auth/refusal-text.ts'
import { startEnrolment } from '#lib/auth/start-sign-in.ts'
import { paths } from '#lib/paths.ts'

export type InviteState = { errors: FieldError[]; code: string }

const text = z.string().max(1024).catch('')

/** Takes an invitation with the first password, and leads to setting up the second factor. */
export async function accept(_: InviteState, form: FormData): Promise<InviteState> {
  const code = text.parse(form.get('invitation')).slice(0, 64)
  const password = text.parse(form.get('password'))
  if (code.trim() === '')
    return { code, errors: [{ field: 'invitation', message: 'Enter the invitation code' }] }
  const turn = await limitCode('invitation', await thisClient(), invitationHash(code))
  if (turn.kind === 'wait')
    return { code, errors: [{ field: 'invitation', message: waitForCodeText(turn.seconds) }] }
  const person = await readInvitation(code)
  if (person === null) return { code, errors: [{ field: 'invitation', message: refused }] }
  // A right code is no guess, whatever becomes of the password.
  await turn.giveBack()
  const fault = passwordFault(password, [person.displayName])
  if (fault !== null) return { code, errors: [{ field: 'password', message: passwordFaultText[fault] }] }
  const accountId = await acceptInvitation(code, password)
  if (accountId === null) return { code, errors: [{ field: 'invitation', message: refused }] }
  await startEnrolment(accountId, person.displayName)
  redirect(paths.enrol)
}

/** One answer for unknown, used and expired: a guess learns nothing. */
const refused = 'This code does not work. It may have been used or be too old: ask for a new one.'
