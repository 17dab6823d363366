import { readAccessKind, type AccessKind } from '#lib/records/my-record/access-kind.ts'
import { readTrailPeriod, type TrailPeriod } from '#lib/records/my-record/trail-period.ts'
import { single } from '../../single.ts'

export type Filter = { period: TrailPeriod; kind: AccessKind; withOwn: boolean }
export type FilterQuery = Partial<Record<'period' | 'kind' | 'own', string | string[]>>

/** The filter of the list of who looked, out of an address: the page's and its files' alike. */
export function readFilter({ period, kind, own }: FilterQuery): Filter {
  return {
    period: readTrailPeriod(single(period)),
    kind: readAccessKind(single(kind)),
    withOwn: own === 'shown',
  }
}

/** The filter as the query of an address; what is usual is left out. */
export function filterQuery({ period, kind, withOwn }: Filter): Record<string, string | null> {
  return {
    period: period === '30-days' ? null : period,
    kind: kind === 'all' ? null : kind,
    own: withOwn ? 'shown' : null,
  }
}
