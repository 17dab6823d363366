'use server'

import { redirect } from 'next/navigation'
import type { FieldError } from '#components/ui/field-error.ts'
import { lockAccount } from '#lib/accounts/recovery/lock-account.ts'
import { thisClient } from '#lib/auth/client.ts'
import { waitText } from '#lib/auth/refusal-text.ts'
import { paths, withQuery } from '#lib/paths.ts'

/** Locks the account of the letter whose link this browser holds. */
export async function lockMyAccount(): Promise<{ errors: FieldError[] }> {
  const outcome = await lockAccount(await thisClient())
  if (outcome.kind === 'wait') return { errors: [{ field: '', message: waitText(outcome.seconds) }] }
  redirect(withQuery(paths.notMe, { done: outcome.kind === 'locked' ? 'locked' : null }))
}
