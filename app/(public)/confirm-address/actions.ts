'use server'

import { redirect } from 'next/navigation'
import type { FieldError } from '#components/ui/field-error.ts'
import { confirmAddress } from '#lib/accounts/recovery/email-change.ts'
import { thisClient } from '#lib/auth/client.ts'
import { waitText } from '#lib/auth/refusal-text.ts'
import { paths, withQuery } from '#lib/paths.ts'

/** Makes the address of the letter whose link this browser holds the account's. */
export async function confirmMyAddress(): Promise<{ errors: FieldError[] }> {
  const outcome = await confirmAddress(await thisClient())
  if (outcome.kind === 'wait') return { errors: [{ field: '', message: waitText(outcome.seconds) }] }
  redirect(withQuery(paths.confirmAddress, { done: outcome.kind === 'confirmed' ? 'confirmed' : null }))
}
