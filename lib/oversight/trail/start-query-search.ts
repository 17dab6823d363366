import 'server-only'

import type { Actor } from '#lib/policy/actor.ts'
import { parseTrailForm } from './input.ts'
import type { TrailProblem } from './view.ts'
import { listTrailActors } from './list-actors.ts'
import { parseQuery } from './query-text.ts'
import { startTrailSearch } from './start-trail-search.ts'

/**
 * Reads a typed query as fields of the search form. A value that the form does not know is a problem here and not, as in
 * the form with its lists, no choice: leaving out what somebody typed would answer another question.
 */
export async function readQuery(
  actor: Pick<Actor, 'sessionToken'>,
  text: string,
): Promise<{ raw: Record<string, string>; problems: TrailProblem[] }> {
  const { raw, problems } = parseQuery(text, await listTrailActors(actor))
  if (raw['period'] === undefined && raw['from'] === undefined && raw['to'] === undefined)
    raw['period'] = '24h'
  const { form, problems: ofForm } = parseTrailForm(raw)
  const dropped = Object.entries(form).flatMap(([name, value]) => {
    const typed = raw[name]
    return typed === undefined || typed === value
      ? []
      : [{ field: 'query', message: `“${typed}” is not a value that can be searched for` }]
  })
  return { raw, problems: [...problems, ...dropped, ...ofForm.map((each) => ({ ...each, field: 'query' }))] }
}

/** A typed query as a kept search, or what to correct in it. */
export async function startQuerySearch(
  actor: Actor,
  text: string,
): Promise<{ kind: 'problems'; problems: TrailProblem[] } | { kind: 'started'; filterId: string }> {
  const { raw, problems } = await readQuery(actor, text)
  if (problems.length > 0) return { kind: 'problems', problems }
  return startTrailSearch(actor, raw)
}
