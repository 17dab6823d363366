import 'server-only'

import { isCurrentAllergy } from '#lib/records/shared/allergy-word.ts'
import { reactionWords } from '#lib/records/shared/reaction-words.ts'
import type { MyAllergiesView } from './view.ts'

export const allergySelect = {
  id: true,
  kind: true,
  display: true,
  criticality: true,
  clinicalStatus: true,
  verificationStatus: true,
  recordedAt: true,
  reactions: true,
  note: true,
} as const

type Row = {
  id: string
  kind: string | null
  display: string
  criticality: string | null
  clinicalStatus: string | null
  verificationStatus: string | null
  recordedAt: Date | null
  reactions: unknown
  note: string | null
}

/** The allergies that count, the dangerous ones first; or that there are none; or that nobody wrote any down. */
export function toAllergies(rows: readonly Row[]): MyAllergiesView {
  const current = rows.filter(isCurrentAllergy)
  const real = current.filter((row) => row.kind !== 'none-known')
  if (real.length > 0) {
    const allergies = real.map((row) => ({
      id: row.id,
      name: row.display,
      reactions: reactionWords(row.reactions),
      highRisk: row.criticality === 'high',
      note: row.note,
    }))
    return {
      kind: 'listed',
      allergies: allergies.toSorted((a, b) => Number(b.highRisk) - Number(a.highRisk)),
    }
  }
  const [noneKnown] = current
  return noneKnown
    ? { kind: 'none-known', recordedAt: noneKnown.recordedAt?.toISOString() ?? null }
    : { kind: 'not-recorded' }
}
