import 'server-only'

import { allergenName, isCurrentAllergy, type AllergyRow } from '#lib/records/shared/allergy-word.ts'
import { reactionWords } from '#lib/records/shared/reaction-words.ts'
import type { ChartView } from './view.ts'

/** Current entries of the allergy list, the dangerous ones first, each with its reactions in words. */
export function toAllergies(
  rows: readonly (AllergyRow & { id: string; reactions: unknown })[],
): ChartView['allergies'] {
  return rows
    .filter(isCurrentAllergy)
    .map((row) => ({
      id: row.id,
      name: allergenName(row.display),
      reactions: reactionWords(row.reactions),
      highRisk: row.criticality === 'high',
    }))
    .toSorted((a, b) => Number(b.highRisk) - Number(a.highRisk))
}
