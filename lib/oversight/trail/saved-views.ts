import 'server-only'

import { z } from 'zod'
import { openFilter } from '#lib/accounts/saved-filter.ts'
import { changeView, keepView, keptViews, openView, type ViewRefusal } from '#lib/accounts/trail-views.ts'
import type { Actor } from '#lib/policy/actor.ts'
import { trailFilterShape } from './criteria.ts'
import { parseTrailForm } from './input.ts'
import { formatQuery } from './query-text.ts'
import { startTrailSearch } from './start-trail-search.ts'
import type { SavedViewView, TrailProblem } from './view.ts'

const contentShape = z.object({ name: z.string(), form: z.record(z.string(), z.string()) })

const refusals: Record<ViewRefusal, string> = {
  'no-session': 'Your session is over. Sign in again.',
  'session-idle': 'Your session is over. Sign in again.',
  'session-expired': 'Your session is over. Sign in again.',
  'session-ended': 'Your session is over. Sign in again.',
  'no-policy': 'Only a compliance officer keeps views of the trail.',
  'no-relation': 'This view is not there any more, or somebody else made it.',
  'too-many': 'You keep a hundred views. Remove one first.',
}

/** Keeps an open search under a name, for oneself or for every compliance officer. Nothing is returned when it is kept. */
export async function saveTrailView(
  actor: Actor,
  asked: { filterId: string; name: string; isShared: boolean },
): Promise<TrailProblem | null> {
  const name = asked.name.trim()
  if (name === '' || name.length > 80)
    return { field: 'name', message: 'Enter a name of up to 80 characters' }
  const filter = await openFilter(actor, 'trail', asked.filterId, trailFilterShape)
  if (!filter) return { field: 'name', message: 'This search is no longer kept. Search again, then save it.' }
  const refusal = await keepView(actor, { name, form: filter.form }, asked.isShared)
  return refusal === null ? null : { field: 'name', message: refusals[refusal] }
}

/** The views that the officer may run, own and shared, newest first. */
export async function listTrailViews(
  actor: Actor,
  people: readonly { accountId: string; name: string }[],
): Promise<SavedViewView[]> {
  return (await keptViews(actor)).flatMap((view) => {
    const content = contentShape.safeParse(view.content)
    if (!content.success) return []
    return {
      id: view.id,
      name: content.data.name,
      query: formatQuery(parseTrailForm(content.data.form).form, people),
      isOwn: view.isOwn,
      isShared: view.isShared,
      ownerName: view.ownerName ?? 'A compliance officer',
      lastUsedAt: view.lastUsedAt?.toISOString() ?? null,
    }
  })
}

/**
 * Runs a view: a new search with its criteria, in which a period that ends now ends now, and patients are looked for anew.
 * @returns the kept search; null when the view is gone, not shared, or cannot be asked any more
 */
export async function runTrailView(actor: Actor, id: string): Promise<string | null> {
  if (!z.uuid().safeParse(id).success) return null
  const content = contentShape.safeParse(await openView(actor, id))
  if (!content.success) return null
  const started = await startTrailSearch(actor, content.data.form)
  return started.kind === 'started' ? started.filterId : null
}

/** Shares a view of one's own, takes it back, or removes it; says why when nothing changed. */
export async function changeTrailView(actor: Actor, id: string, change: string): Promise<string | null> {
  const parsed = z.tuple([z.uuid(), z.enum(['share', 'unshare', 'remove'])]).safeParse([id, change])
  if (!parsed.success) return refusals['no-relation']
  const refusal = await changeView(actor, parsed.data[0], parsed.data[1])
  return refusal === null ? null : refusals[refusal]
}
