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
    const known = people.get(entry.actorName)
    if (known) known.times += 1
    else
      people.set(entry.actorName, {
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
