'use server'

import { redirect } from 'next/navigation'
import type { FieldError } from '#components/ui/field-error.ts'
import { requireActor } from '#lib/auth/require-actor.ts'
import { dropSealed } from '#lib/auth/sealed-state.ts'
import { landingPath } from '#lib/paths.ts'

export type SavedState = { errors: FieldError[] }

/** Forgets the codes in the browser once they are saved, and goes on to where the role begins. */
export async function confirmSaved(_: SavedState, form: FormData): Promise<SavedState> {
  const actor = await requireActor()
  if (form.get('saved') !== 'yes')
    return { errors: [{ field: 'saved', message: 'Save the codes first, then tick the box' }] }
  await dropSealed('recovery-codes')
  redirect(landingPath(actor.role))
}
