import type { CodeableConcept } from './schema/datatypes.ts'

/** How a result stands to its range, as stored in `Observation.interpretation`. `abnormal` says "outside" without a direction. */
export const resultFlags = ['normal', 'low', 'high', 'critical-low', 'critical-high', 'abnormal'] as const
export type ResultFlag = (typeof resultFlags)[number]

/**
 * HL7 v3 ObservationInterpretation (the R4 value set), of which the v2 table 0078 letters are a part. A finding
 * ("positive", "detected") counts as abnormal and its absence as normal: the value itself says what was found.
 */
const flagOfCode = new Map<string, ResultFlag>([
  ['N', 'normal'],
  ['NEG', 'normal'],
  ['ND', 'normal'],
  ['NR', 'normal'],
  ['L', 'low'],
  ['LX', 'low'],
  ['LU', 'low'],
  ['<', 'low'],
  ['H', 'high'],
  ['HX', 'high'],
  ['HU', 'high'],
  ['>', 'high'],
  ['LL', 'critical-low'],
  ['HH', 'critical-high'],
  ['A', 'abnormal'],
  ['AA', 'abnormal'],
  ['R', 'abnormal'],
  ['POS', 'abnormal'],
  ['DET', 'abnormal'],
  ['RR', 'abnormal'],
  ['WR', 'abnormal'],
])

/** The more a flag asks for attention, the earlier it stands; a result with several codes takes the first of them. */
const byUrgency: readonly ResultFlag[] = [
  'critical-high',
  'critical-low',
  'high',
  'low',
  'abnormal',
  'normal',
]

/** The flag that a source gave, or null when it gave none that is known. */
export function readInterpretation(concepts: readonly CodeableConcept[] | undefined): ResultFlag | null {
  const given = new Set(
    (concepts ?? [])
      .flatMap((concept) => concept.coding ?? [])
      .map((coding) => flagOfCode.get(coding.code?.trim().toUpperCase() ?? ''))
      .filter((flag) => flag !== undefined),
  )
  return byUrgency.find((flag) => given.has(flag)) ?? null
}

/**
 * The flag that follows from number and range alone. Never a critical one: that is a laboratory's judgement
 * and no range says it.
 */
export function deriveInterpretation(
  value: number,
  low: number | null,
  high: number | null,
): ResultFlag | null {
  if (low === null && high === null) return null
  if (low !== null && value < low) return 'low'
  if (high !== null && value > high) return 'high'
  return 'normal'
}
