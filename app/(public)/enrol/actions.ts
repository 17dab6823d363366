'use server'

import { redirect } from 'next/navigation'
import type { FieldError } from '#components/ui/field-error.ts'
import { readSealed } from '#lib/auth/sealed-state.ts'
import { paths, withQuery } from '#lib/paths.ts'

export type ChooseState = { errors: FieldError[] }

/** Leads to setting up what was chosen. Works without a script. */
export async function chooseWay(_: ChooseState, form: FormData): Promise<ChooseState> {
  if ((await readSealed('enrolment')) === null) redirect(withQuery(paths.signIn, { notice: 'too-long' }))
  const way = form.get('way')
  if (way === 'passkey') redirect(paths.enrolPasskey)
  if (way === 'app') redirect(paths.enrolApp)
  return { errors: [{ field: 'way', message: 'Choose a passkey or an authenticator app' }] }
}
