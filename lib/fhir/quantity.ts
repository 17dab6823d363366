import type { Quantity, Range, Ratio } from './schema/datatypes.ts'

export type QuantityValue = { value: string; valueNumber: number | null; unit: string | null }

/**
 * A quantity as words and as a number. The number is exactly what was sent; the words are rounded where the source
 * prints a float's noise (`175.98241711129813`), because nobody measured that. A comparator (`<0.01`) is not a number.
 */
export function readQuantity(quantity: Quantity | undefined): QuantityValue | null {
  if (quantity?.value === undefined) return null
  return {
    value: `${quantity.comparator ?? ''}${numberText(quantity.value)}`,
    valueNumber: quantity.comparator ? null : quantity.value,
    unit: quantity.unit ?? quantity.code ?? null,
  }
}

/** `5.6 mmol/L`, or the words alone where there is no unit. */
export function quantityText(quantity: Quantity | undefined): string | null {
  const read = readQuantity(quantity)
  if (!read) return null
  return read.unit ? `${read.value} ${read.unit}` : read.value
}

/** `3.5–5.1 mmol/L`, `at least 3.5 mmol/L`, `at most 5.1 mmol/L`. */
export function rangeText(
  range: Range | { low?: Quantity | undefined; high?: Quantity | undefined } | undefined,
): string | null {
  const low = readQuantity(range?.low)
  const high = readQuantity(range?.high)
  const unit = high?.unit ?? low?.unit
  const withUnit = (text: string) => (unit ? `${text} ${unit}` : text)
  if (low && high) return withUnit(`${low.value}–${high.value}`)
  if (low) return withUnit(`at least ${low.value}`)
  if (high) return withUnit(`at most ${high.value}`)
  return null
}

/** `1:128`, or with units `100 mg / 5 mL`. */
export function ratioText(ratio: Ratio | undefined): string | null {
  const numerator = readQuantity(ratio?.numerator)
  const denominator = readQuantity(ratio?.denominator)
  if (!numerator || !denominator) return null
  if (!numerator.unit && !denominator.unit) return `${numerator.value}:${denominator.value}`
  return `${quantityText(ratio?.numerator)} / ${quantityText(ratio?.denominator)}`
}

/** A number in words: up to four decimals as sent, more are rounded to two, or to three significant digits below 1. */
export function numberText(value: number): string {
  const plain = String(value)
  const decimals = plain.split('.')[1]?.length ?? 0
  if (decimals <= 4 && !plain.includes('e')) return plain
  return Math.abs(value) < 1 ? String(Number(value.toPrecision(3))) : String(Number(value.toFixed(2)))
}
