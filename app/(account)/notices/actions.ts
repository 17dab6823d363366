'use server'

import { redirect } from 'next/navigation'
import { z } from 'zod'
import { markNoticesRead } from '#lib/accounts/notices/mark-notices-read.ts'
import { requireActor } from '#lib/auth/require-actor.ts'
import { paths } from '#lib/paths.ts'

/** Marks one of the person's own notices as read, or all of them when the form names none. */
export async function markRead(form: FormData): Promise<void> {
  const actor = await requireActor()
  const notice = z.uuid().safeParse(form.get('notice'))
  if (notice.success || !form.has('notice')) await markNoticesRead(actor, notice.data ?? null)
  redirect(paths.notices)
}
