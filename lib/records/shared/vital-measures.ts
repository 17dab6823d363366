import 'server-only'

import type { VitalMeasureKey } from './view.ts'

/** What one vital sign is called, coded as, and measured in. */
export type VitalMeasure = {
  readonly key: VitalMeasureKey
  readonly label: string
  /** LOINC codes that mean this measure; the first one is written. */
  readonly loinc: readonly [string, ...string[]]
  /** UCUM unit that values are stored in. */
  readonly unit: string
  /** The unit as a page writes it. */
  readonly unitLabel: string
  readonly decimals: number
}

export const loincSystem = 'http://loinc.org'
export const systolicCode = '8480-6'
export const diastolicCode = '8462-4'

/**
 * The vital signs of US Core in the order in which a nurse takes them. Blood pressure is one observation with two
 * components; the other ones hold a number.
 */
export const vitalMeasures: readonly VitalMeasure[] = [
  { key: 'blood-pressure', label: 'Blood pressure', loinc: ['85354-9', '55284-4'], unit: 'mm[Hg]', unitLabel: 'mmHg', decimals: 0 },
  { key: 'pulse', label: 'Pulse', loinc: ['8867-4'], unit: '/min', unitLabel: 'per minute', decimals: 0 },
  { key: 'temperature', label: 'Temperature', loinc: ['8310-5', '8331-1'], unit: 'Cel', unitLabel: '°C', decimals: 1 },
  { key: 'oxygen', label: 'Oxygen saturation', loinc: ['59408-5', '2708-6'], unit: '%', unitLabel: '%', decimals: 0 },
  { key: 'respiration', label: 'Respiratory rate', loinc: ['9279-1'], unit: '/min', unitLabel: 'per minute', decimals: 0 },
  { key: 'weight', label: 'Weight', loinc: ['29463-7', '3141-9'], unit: 'kg', unitLabel: 'kg', decimals: 1 },
  { key: 'height', label: 'Height', loinc: ['8302-2'], unit: 'cm', unitLabel: 'cm', decimals: 1 },
  { key: 'body-mass-index', label: 'Body mass index', loinc: ['39156-5'], unit: 'kg/m2', unitLabel: 'kg/m²', decimals: 1 },
] // prettier-ignore

const byCode = new Map(
  vitalMeasures.flatMap((measure) => measure.loinc.map((code) => [code, measure] as const)),
)

/** The measure that a LOINC code stands for, or undefined for one that the chart does not group. */
export function vitalMeasureOf(code: string | null): VitalMeasure | undefined {
  return code === null ? undefined : byCode.get(code)
}
