'use server'

import { redirect } from 'next/navigation'
import { rememberChosenRecord } from '#lib/auth/chosen-record.ts'
import { requireActor } from '#lib/auth/require-actor.ts'
import { paths } from '#lib/paths.ts'

/** Remembers which record to show. What is sent is only an id: whether it opens is decided on the next page. */
export async function showRecord(form: FormData): Promise<void> {
  await requireActor('patient')
  const chosen = form.get('record')
  if (typeof chosen !== 'string') redirect(paths.chooseRecord)
  await rememberChosenRecord(chosen)
  redirect(paths.home)
}
