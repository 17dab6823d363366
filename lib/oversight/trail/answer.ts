import 'server-only'

import type { TrailAnswerView, TrailEntryView } from './view.ts'

/**
 * Who opened or changed something, in order of first access, and how many attempts were refused.
 * @param entries newest first, as the trail is read
 */
export function trailAnswer(entries: readonly TrailEntryView[]): TrailAnswerView {
  const people = new Map<string, TrailAnswerView['people'][number]>()
  for (const entry of entries.toReversed()) {
    if (entry.outcome === 'DENIED') continue
    // by account: two who bear one name are two people
    const id = entry.actorId ?? entry.actorName
    const known = people.get(id)
    if (known) known.times += 1
    else
      people.set(id, {
        id,
        name: entry.actorName,
        title: entry.actorTitle,
        firstAt: entry.at,
        times: 1,
      })
  }
  return {
    people: [...people.values()],
    refused: entries.filter((entry) => entry.outcome === 'DENIED').length,
  }
}
