import type { TrendPointView } from '#lib/records/labs/view.ts'
import { isValid, positionOf, type Position } from './position.ts'

/**
 * What a series of results says, in one or two sentences made from the data alone: the newest value, where it lies, and where the ones
 * before lay. No cause, no judgement, no advice. `points` in any order; results that do not count are left out.
 */
export function summarySentence(points: readonly TrendPointView[]): string {
  const [newest, ...before] = points
    .filter(isValid)
    .toSorted((a, b) => b.collectedAt.localeCompare(a.collectedAt))
  if (!newest) return 'There is no result yet.'
  if (before.length === 0) return `Your result, ${withUnit(newest)}, ${clauses[positionOf(newest)]}.`
  return `Your newest result, ${withUnit(newest)}, ${clauses[positionOf(newest)]}. ${sentenceBefore(positionOf(newest), before)}`
}

const clauses: Record<Position, string> = {
  inside: 'is in the usual range',
  above: 'is above the usual range',
  below: 'is below the usual range',
  outside: 'is outside the usual range',
  unknown: 'came without a usual range',
}

function sentenceBefore(newest: Position, before: readonly TrendPointView[]): string {
  const positions = before.map(positionOf)
  const [first] = before
  if (first && before.length === 1) {
    const where = positions[0] === 'unknown' ? '' : `, ${phrase(positions[0] ?? 'unknown', newest)}`
    return `The one before was ${withUnit(first)}${where}.`
  }
  const count = before.length
  const [shared] = positions
  if (shared && positions.every((position) => position === shared))
    return shared === 'unknown'
      ? `The ${count} before ${newest === 'unknown' ? 'also ' : ''}came without a usual range.`
      : `The ${count} before were ${phrase(shared, newest)}.`
  const inside = positions.filter((position) => position === 'inside').length
  const known = positions.filter((position) => position !== 'unknown').length
  if (inside === 0 && known === count) return `None of the ${count} before was in the usual range.`
  const rest = known < count ? `, and ${count - known} came without one` : ''
  return `Of the ${count} before, ${inside} ${inside === 1 ? 'was' : 'were'} in the usual range${rest}.`
}

/** "also above the usual range" where the newest lies there too, else "below the usual range" and so on. */
function phrase(position: Position, newest: Position): string {
  const also = position === newest ? 'also ' : ''
  if (position === 'inside') return `${also}in the usual range`
  return `${also}${position} the usual range`
}

function withUnit({ value, unit }: TrendPointView): string {
  return unit ? `${value} ${unit}` : value
}
