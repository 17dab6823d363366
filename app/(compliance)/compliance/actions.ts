'use server'

import { redirect } from 'next/navigation'
import { requireActor } from '#lib/auth/require-actor.ts'
import { readQuestion } from '#lib/oversight/trail/read-question.ts'
import { startTrailSearch } from '#lib/oversight/trail/start-trail-search.ts'
import type { QuestionFormView } from '#lib/oversight/trail/view.ts'
import { paths, withQuery } from '#lib/paths.ts'

export type QuestionState = { question: QuestionFormView; problems: { field: string; message: string }[] }

/** Takes the question of the overview and answers with the address of its answer, in which no word of it stands. */
export async function askTrailAction(_: QuestionState | null, data: FormData): Promise<QuestionState> {
  const actor = await requireActor('compliance')
  const { question, form, problems } = readQuestion(Object.fromEntries(data))
  if (!form) return { question, problems }
  const started = await startTrailSearch(actor, form)
  if (started.kind === 'problems') return { question, problems: started.problems }
  redirect(withQuery(paths.complianceSearch, { search: started.filterId }))
}
