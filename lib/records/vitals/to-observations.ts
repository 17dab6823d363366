import 'server-only'

import { rowIdFor } from '#lib/records/shared/row-id.ts'
import {
  diastolicCode,
  loincSystem,
  systolicCode,
  vitalMeasures,
  type VitalMeasure,
} from '#lib/records/shared/vital-measures.ts'
import type { VitalMeasureKey } from '#lib/records/shared/view.ts'
import { inCelsius, inKilograms } from './find-doubts.ts'
import type { VitalsInput } from './input.ts'

export type VitalObservation = {
  id: string
  code: string
  display: string
  value: string
  valueNumber: number | null
  unit: string
  components:
    | {
        codeSystem: string
        code: string
        display: string
        value: string
        valueNumber: number
        unit: string
      }[]
    | null
}

/**
 * What was taken, as observations of the US Core vital-signs profiles: LOINC codes, UCUM units, a blood pressure as one
 * observation with two components. Temperature and weight are stored in °C and kg whatever unit they were taken in.
 */
export function toObservations(input: VitalsInput): VitalObservation[] {
  const numbers: Partial<Record<VitalMeasureKey, number | null>> = {
    pulse: input.pulse,
    temperature: inCelsius(input),
    oxygen: input.oxygen,
    respiration: input.respiration,
    weight: inKilograms(input),
  }
  return vitalMeasures.flatMap((measure) => {
    if (measure.key === 'blood-pressure') return bloodPressure(measure, input)
    const number = numbers[measure.key] ?? null
    if (number === null) return []
    return [
      {
        ...coded(measure, input.key),
        value: String(number),
        valueNumber: number,
        unit: measure.unit,
        components: null,
      },
    ]
  })
}

function bloodPressure(measure: VitalMeasure, input: VitalsInput): VitalObservation[] {
  const { systolic, diastolic } = input
  if (systolic === null || diastolic === null) return []
  const part = (code: string, display: string, number: number) => ({
    codeSystem: loincSystem,
    code,
    display,
    value: String(number),
    valueNumber: number,
    unit: measure.unit,
  })
  return [
    {
      ...coded(measure, input.key),
      value: `${Math.round(systolic)}/${Math.round(diastolic)}`,
      valueNumber: null,
      unit: measure.unit,
      components: [
        part(systolicCode, 'Systolic blood pressure', systolic),
        part(diastolicCode, 'Diastolic blood pressure', diastolic),
      ],
    },
  ]
}

function coded(measure: VitalMeasure, key: string): { id: string; code: string; display: string } {
  return { id: rowIdFor(key, measure.key), code: measure.loinc[0], display: measure.label }
}
