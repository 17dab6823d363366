'use server'

import { redirect } from 'next/navigation'
import { requireActor } from '#lib/auth/require-actor.ts'
import { changeTrailView, runTrailView, saveTrailView } from '#lib/oversight/trail/saved-views.ts'
import { startQuerySearch } from '#lib/oversight/trail/start-query-search.ts'
import { startTrailSearch } from '#lib/oversight/trail/start-trail-search.ts'
import type { TrailFormView } from '#lib/oversight/trail/view.ts'
import { paths, withQuery } from '#lib/paths.ts'

type Problem = { field: string; message: string }
export type TrailFormState = { form: TrailFormView; problems: Problem[] }
export type QueryFormState = { query: string; problems: Problem[] }
export type SaveViewState = { name: string; isShared: boolean; problem: Problem | null; isSaved: boolean }

const text = (data: FormData, name: string): string => {
  const value = data.get(name)
  return typeof value === 'string' ? value : ''
}

/** Takes the search form and answers with the address of its results, in which no word of it stands. */
export async function searchTrailAction(_: TrailFormState | null, data: FormData): Promise<TrailFormState> {
  const actor = await requireActor('compliance')
  const started = await startTrailSearch(actor, Object.fromEntries(data))
  if (started.kind === 'problems') return { form: started.form, problems: started.problems }
  redirect(withQuery(paths.complianceSearch, { search: started.filterId }))
}

/** The same for a typed query. */
export async function queryTrailAction(_: QueryFormState | null, data: FormData): Promise<QueryFormState> {
  const actor = await requireActor('compliance')
  const query = text(data, 'query')
  const started = await startQuerySearch(actor, query)
  if (started.kind === 'problems') return { query, problems: started.problems }
  redirect(withQuery(paths.complianceSearch, { search: started.filterId }))
}

/** Keeps the search that is open under a name. */
export async function saveViewAction(_: SaveViewState | null, data: FormData): Promise<SaveViewState> {
  const actor = await requireActor('compliance')
  const name = text(data, 'name')
  const isShared = data.get('shared') !== null
  const problem = await saveTrailView(actor, { filterId: text(data, 'search'), name, isShared })
  const isSaved = problem === null
  return { name: isSaved ? '' : name, isShared: isShared && !isSaved, problem, isSaved }
}

/** Runs a kept search, or shares, takes back or removes it, by the button that was pressed. */
export async function viewAction(data: FormData): Promise<void> {
  const actor = await requireActor('compliance')
  const id = text(data, 'view')
  const change = text(data, 'change')
  if (change === 'run') {
    const search = await runTrailView(actor, id)
    redirect(withQuery(paths.complianceSearch, search === null ? { view: 'gone' } : { search }))
  }
  const refusal = await changeTrailView(actor, id, change)
  redirect(withQuery(paths.complianceSearch, refusal === null ? {} : { view: 'gone' }))
}
