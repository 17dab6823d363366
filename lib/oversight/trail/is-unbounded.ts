import 'server-only'

import type { TrailOrder } from './order.ts'
import { scanDays } from './is-scan.ts'

/** Whether a period is too long for an order that no index has: all of it would have to be sorted for one page. */
export function isUnbounded(period: { from: string; to: string }, { sort }: TrailOrder): boolean {
  const days = (Date.parse(period.to) - Date.parse(period.from)) / 86_400_000
  return sort !== 'time' && days > scanDays + 1
}
