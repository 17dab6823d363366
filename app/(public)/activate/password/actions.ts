'use server'

import { redirect } from 'next/navigation'
import { z } from 'zod'
import type { FieldError } from '#components/ui/field-error.ts'
import { acceptActivation } from '#lib/auth/activation.ts'
import { thisClient } from '#lib/auth/client.ts'
import { passwordFault, passwordFaultText } from '#lib/auth/password-rules.ts'
import { dropSealed, readSealed } from '#lib/auth/sealed-state.ts'
import { startEnrolment } from '#lib/auth/start-sign-in.ts'
import { paths, withQuery } from '#lib/paths.ts'

export type FirstPasswordState = { errors: FieldError[] }

const text = z.string().max(1024).catch('')

/** Uses the code up with the first password, and leads to the second factor. */
export async function choosePassword(_: FirstPasswordState, form: FormData): Promise<FirstPasswordState> {
  const state = await readSealed('activation')
  if (state === null) redirect(paths.activate)
  const password = text.parse(form.get('password'))
  const fault = passwordFault(password, [state.email])
  if (fault !== null) return { errors: [{ field: 'password', message: passwordFaultText[fault] }] }
  const proof = {
    codeHash: Buffer.from(state.codeHash, 'base64url'),
    birthCheck: Buffer.from(state.birthCheck, 'base64url'),
  }
  const accountId = await acceptActivation(proof, password, await thisClient())
  await dropSealed('activation')
  if (accountId === null) redirect(withQuery(paths.activate, { notice: 'again' }))
  await startEnrolment(accountId, state.email)
  redirect(paths.enrol)
}
