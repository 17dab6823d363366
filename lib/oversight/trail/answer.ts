import 'server-only'

import type { TrailEntryView } from './view.ts'

export type TrailAnswer = {
  people: { name: string; title: string; firstAt: string; times: number }[]
  refused: number
}

/** Who opened or changed something, in order of first access, and how many attempts were refused. */
export function trailAnswer(entries: readonly TrailEntryView[]): TrailAnswer {
  const people = new Map<string, TrailAnswer['people'][number]>()
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
