import 'server-only'

import type { VitalsInput } from './input.ts'
import type { VitalDoubtView } from './view.ts'

type Measured = Pick<
  VitalsInput,
  'systolic' | 'diastolic' | 'pulse' | 'temperature' | 'temperatureUnit' | 'oxygen' | 'respiration' | 'weight' | 'weightUnit'
> // prettier-ignore

/** Beyond these a value is more often a slip of the finger than a patient, at any age. They ask; they never refuse. */
const likely = {
  systolic: [60, 240, 'mmHg'],
  diastolic: [30, 140, 'mmHg'],
  pulse: [35, 220, 'per minute'],
  temperature: [34, 42, '°C'],
  oxygen: [75, 100, '%'],
  respiration: [6, 70, 'per minute'],
  weight: [1, 300, 'kg'],
} as const

const names = {
  systolic: 'A systolic pressure',
  diastolic: 'A diastolic pressure',
  pulse: 'A pulse',
  temperature: 'A temperature',
  oxygen: 'An oxygen saturation',
  respiration: 'A respiratory rate',
  weight: 'A weight',
} as const

/** A weight that moved by more than this since the last one is asked about. */
const weightChangeMax = 0.1

/**
 * What somebody should look at again before it is saved: values outside of what is likely, a lower pressure that is
 * not lower, a temperature in the other unit, a weight far from the last one (kg).
 */
export function findDoubts(input: Measured, lastWeight: number | null): VitalDoubtView[] {
  const values = { ...input, temperature: inCelsius(input), weight: inKilograms(input) }
  const doubts: VitalDoubtView[] = []
  for (const field of Object.keys(likely) as (keyof typeof likely)[]) {
    const value = values[field]
    const [low, high, unit] = likely[field]
    if (value === null || (value >= low && value <= high)) continue
    const message = `${names[field]} of ${written(value)} ${unit} is unusual (${low} to ${high})`
    doubts.push({ field, message: message + hintFor(field, input) })
  }
  if (values.systolic !== null && values.diastolic !== null && values.diastolic >= values.systolic) {
    doubts.push({ field: 'diastolic', message: 'The diastolic pressure is not below the systolic one' })
  }
  if (values.weight !== null && lastWeight !== null) {
    const change = (values.weight - lastWeight) / lastWeight
    const percent = Math.round(Math.abs(change) * 100)
    const message = `The weight is ${percent}% ${change > 0 ? 'above' : 'below'} the last one (${written(lastWeight)} kg)`
    if (Math.abs(change) > weightChangeMax) doubts.push({ field: 'weight', message })
  }
  return doubts
}

/** Degrees Celsius, to a tenth. */
export function inCelsius(input: Pick<VitalsInput, 'temperature' | 'temperatureUnit'>): number | null {
  if (input.temperature === null || input.temperatureUnit === 'Cel') return input.temperature
  return Math.round(((input.temperature - 32) * 50) / 9) / 10
}

/** Kilograms, to a tenth. */
export function inKilograms(input: Pick<VitalsInput, 'weight' | 'weightUnit'>): number | null {
  if (input.weight === null || input.weightUnit === 'kg') return input.weight
  return Math.round(input.weight * 4.5359237) / 10
}

function hintFor(field: keyof typeof likely, input: Measured): string {
  if (field !== 'temperature' || input.temperature === null) return ''
  const value = input.temperature
  if (input.temperatureUnit === 'Cel' && value >= 93 && value <= 108) return '. Was it taken in °F?'
  if (input.temperatureUnit === '[degF]' && value >= 34 && value <= 42) return '. Was it taken in °C?'
  return ''
}

function written(value: number): string {
  return String(Math.round(value * 10) / 10)
}
