'use server'

import { redirect } from 'next/navigation'
import type { FieldError } from '#components/ui/field-error.ts'
import { requireActor } from '#lib/auth/require-actor.ts'
import { dropSealed, readSealed } from '#lib/auth/sealed-state.ts'
import { landingPath, paths, withQuery } from '#lib/paths.ts'

export type SavedState = { errors: FieldError[] }

/** Forgets the codes in the browser once they are saved, and goes on: to where the role begins, or back to where they were replaced. */
export async function confirmSaved(_: SavedState, form: FormData): Promise<SavedState> {
  const actor = await requireActor()
  if (form.get('saved') !== 'yes')
    return { errors: [{ field: 'saved', message: 'Save the codes first, then tick the box' }] }
  const replaced = (await readSealed('recovery-codes'))?.replaced === true
  await dropSealed('recovery-codes')
  redirect(replaced ? withQuery(paths.security, { done: 'codes-saved' }) : landingPath(actor.role))
}
