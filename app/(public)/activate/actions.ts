'use server'

import { redirect } from 'next/navigation'
import { z } from 'zod'
import type { FieldError } from '#components/ui/field-error.ts'
import { activationProof, openActivation } from '#lib/auth/activation.ts'
import { thisClient } from '#lib/auth/client.ts'
import { limitCode } from '#lib/auth/limit/limit-code.ts'
import { waitForCodeText } from '#lib/auth/refusal-text.ts'
import { dropSealed, writeSealed } from '#lib/auth/sealed-state.ts'
import { dateFromParts } from '#lib/format.ts'
import { paths } from '#lib/paths.ts'

export type ActivateState = {
  errors: FieldError[]
  code: string
  birth: { year: string; month: string; day: string }
} | null

const text = z.string().trim().max(64).catch('')

/** Takes the code with the birth date, and leads to the first password. It signs nobody in. */
export async function activate(_: ActivateState, form: FormData): Promise<ActivateState> {
  const part = (name: string): string => text.parse(form.get(name))
  const code = part('code')
  const birth = { year: part('birth-year'), month: part('birth-month'), day: part('birth-day') }
  const answer = (field: string, message: string) => ({ errors: [{ field, message }], code, birth })
  const birthDate = dateFromParts(birth)
  const noCode = { field: 'code', message: 'Enter the code from your letter' }
  const noBirth = { field: 'birth', message: 'Enter your birth date as three numbers, such as 4 2 1979' }
  if (code === '' || birthDate === null)
    return {
      errors: [...(code === '' ? [noCode] : []), ...(birthDate === null ? [noBirth] : [])],
      code,
      birth,
    }
  const client = await thisClient()
  const proof = activationProof(code, birthDate)
  const turn = await limitCode('activation', client, proof.codeHash)
  if (turn.kind === 'wait') return answer('code', waitForCodeText(turn.seconds))
  const opened = await openActivation(proof, client)
  if (opened === null) return answer('code', refused)
  await turn.giveBack()
  await dropSealed('second-factor', 'enrolment')
  await writeSealed('activation', {
    codeHash: proof.codeHash.toString('base64url'),
    birthCheck: proof.birthCheck.toString('base64url'),
    email: opened.email,
  })
  redirect(paths.activatePassword)
}

/** One answer for every fault, so that a guess learns nothing. */
const refused =
  'Code and birth date do not fit together, or the code was used or is too old. Check both; after five tries the code stops working.'
