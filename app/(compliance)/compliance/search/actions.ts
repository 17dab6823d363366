'use server'

import { redirect } from 'next/navigation'
import { requireActor } from '#lib/auth/require-actor.ts'
import { startTrailSearch } from '#lib/oversight/trail/start-trail-search.ts'
import type { TrailFormView } from '#lib/oversight/trail/view.ts'
import { paths, withQuery } from '#lib/paths.ts'

export type TrailFormState = { form: TrailFormView; problems: { field: string; message: string }[] }

/** Takes the search form and answers with the address of its results, in which no word of it stands. */
export async function searchTrailAction(_: TrailFormState | null, data: FormData): Promise<TrailFormState> {
  const actor = await requireActor('compliance')
  const started = await startTrailSearch(actor, Object.fromEntries(data))
  if (started.kind === 'problems') return { form: started.form, problems: started.problems }
  redirect(withQuery(paths.complianceSearch, { search: started.filterId }))
}
