import 'server-only'

import { isCurrentAllergy, type AllergyRow } from '#lib/records/shared/allergy-word.ts'
import type { ChartView } from './view.ts'

/** Current entries of the allergy list, the dangerous ones first, each with its reactions in words. */
export function toAllergies(
  rows: readonly (AllergyRow & { id: string; reactions: unknown })[],
): ChartView['allergies'] {
  return rows
    .filter(isCurrentAllergy)
    .map((row) => ({
      id: row.id,
      name: row.display,
      reactions: reactionWords(row.reactions),
      highRisk: row.criticality === 'high',
    }))
    .toSorted((a, b) => Number(b.highRisk) - Number(a.highRisk))
}

/** Reactions come as words, or as objects that carry them (`manifestations`, `severity`) depending on their source. */
function reactionWords(reactions: unknown): string | null {
  if (!Array.isArray(reactions)) return null
  const words = (reactions as unknown[]).flatMap((reaction) => {
    if (typeof reaction === 'string') return [reaction]
    if (typeof reaction !== 'object' || reaction === null) return []
    const { manifestations, manifestation, severity } = reaction as Record<string, unknown>
    const named = [manifestations, manifestation].flat().filter((text) => typeof text === 'string')
    const text = named.join(', ')
    return text === '' ? [] : [typeof severity === 'string' ? `${text} (${severity})` : text]
  })
  return words.length > 0 ? words.join('; ') : null
}
