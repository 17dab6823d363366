import { conceptText } from './concept.ts'
import { numberText, quantityText, rangeText, ratioText, readQuantity } from './quantity.ts'
import type { ObservationComponent } from './schema/clinical.ts'

type ValueElements = Omit<ObservationComponent, 'code' | 'interpretation' | 'referenceRange'>
export type ObservationValue = { value: string | null; valueNumber: number | null; unit: string | null }

/**
 * FHIR's `value[x]` as words, and as a number where it is one. `value` is what a person reads without the unit
 * (`5.6`, `<0.5`, `Not detected`, `1:128`); where there is no value, the reason the source gave.
 */
export function readObservationValue(source: ValueElements): ObservationValue {
  const quantity = readQuantity(source.valueQuantity)
  if (quantity) return quantity
  if (source.valueInteger !== undefined) {
    return { value: numberText(source.valueInteger), valueNumber: source.valueInteger, unit: null }
  }
  return { value: valueWords(source) ?? absenceWords(source), valueNumber: null, unit: null }
}

function valueWords(source: ValueElements): string | null {
  const { valueBoolean, valuePeriod, valueSampledData } = source
  if (source.valueCodeableConcept) return conceptText(source.valueCodeableConcept)
  if (source.valueString !== undefined) return source.valueString.trim() || null
  if (valueBoolean !== undefined) return valueBoolean ? 'Yes' : 'No'
  if (source.valueRange) return rangeText(source.valueRange)
  if (source.valueRatio) return ratioText(source.valueRatio)
  if (source.valueTime) return source.valueTime
  if (source.valueDateTime) return source.valueDateTime
  if (valuePeriod) return `${valuePeriod.start ?? '…'} to ${valuePeriod.end ?? '…'}`
  if (valueSampledData) {
    const count = valueSampledData.data?.trim().split(/\s+/).length ?? 0
    return `${count} samples, ${valueSampledData.period} ms apart, from ${quantityText(valueSampledData.origin) ?? '0'}`
  }
  return null
}

function absenceWords(source: ValueElements): string | null {
  const reason = conceptText(source.dataAbsentReason)
  return reason ? `No value: ${reason.toLowerCase()}` : null
}
