import type { ObservationReferenceRange } from './schema/clinical.ts'
import { conceptText } from './concept.ts'
import { rangeText } from './quantity.ts'

export type ReferenceRange = {
  referenceLow: number | null
  referenceHigh: number | null
  referenceText: string | null
}

const none: ReferenceRange = { referenceLow: null, referenceHigh: null, referenceText: null }

/**
 * The range that a value is held against. Of several, the one of type `normal` that is meant for the result's unit;
 * ranges for other groups are told apart only by words, so with more than one left no bounds are taken and all stand
 * in the text. Bounds the wrong way round are a fault of the source: shown as sent, never compared with.
 */
export function readReferenceRange(
  ranges: readonly ObservationReferenceRange[] | undefined,
  unit: string | null,
): ReferenceRange {
  const all = ranges ?? []
  if (all.length === 0) return none
  const normal = all.filter((range) => range.type === undefined || codesOf(range).includes('normal'))
  const sameUnit = normal.filter((range) => unitOf(range) === null || unit === null || unitOf(range) === unit)
  const applicable = sameUnit.length > 0 ? sameUnit : []
  const only = applicable.length === 1 ? applicable[0] : undefined
  const texts = (only ? [only] : all).map((range) => describe(range, !only)).filter((text) => text !== null)
  const referenceText = texts.length > 0 ? texts.join('; ') : null
  const low = only?.low?.value ?? null
  const high = only?.high?.value ?? null
  if (low !== null && high !== null && low > high) return { ...none, referenceText }
  return { referenceLow: low, referenceHigh: high, referenceText }
}

function describe(range: ObservationReferenceRange, withGroup: boolean): string | null {
  const words = range.text?.trim() || rangeText(range)
  if (!words) return null
  const group = [
    ...(range.appliesTo ?? []).map(conceptText),
    range.age ? ageText(range) : null,
    typeText(range),
  ]
  const label = group.filter((text) => text !== null).join(', ')
  return withGroup && label ? `${label}: ${words}` : words
}

function typeText(range: ObservationReferenceRange): string | null {
  return codesOf(range).includes('normal') ? null : conceptText(range.type)
}

function ageText(range: ObservationReferenceRange): string | null {
  const words = rangeText(range.age)
  return words ? `age ${words}` : null
}

function codesOf(range: ObservationReferenceRange): string[] {
  return (range.type?.coding ?? []).map((coding) => coding.code ?? '')
}

function unitOf(range: ObservationReferenceRange): string | null {
  const bound = range.low ?? range.high
  return bound?.unit ?? bound?.code ?? null
}
