import 'server-only'

export type EarlierRow = {
  id: string
  code: string | null
  value: string | null
  unit: string | null
  effectiveAt: Date | null
}

/** What is selected of results among which the one before is looked for. */
export const earlierSelect = { id: true, code: true, value: true, unit: true, effectiveAt: true } as const

/**
 * The result before: the newest earlier one of the same test in the same unit, since values in two units cannot be
 * compared by eye. Null when there is none.
 */
export function valueBefore(
  row: Omit<EarlierRow, 'value'>,
  earlier: readonly EarlierRow[],
): EarlierRow | null {
  const at = row.effectiveAt
  if (at === null || row.code === null) return null
  const [newest] = earlier
    .filter((other) => other.code === row.code && other.unit === row.unit && other.id !== row.id)
    .filter((other) => other.effectiveAt !== null && other.effectiveAt < at)
    .toSorted((a, b) => (b.effectiveAt?.getTime() ?? 0) - (a.effectiveAt?.getTime() ?? 0))
  return newest ?? null
}
