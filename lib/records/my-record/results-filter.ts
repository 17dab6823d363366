import 'server-only'

/** What narrows the list of results. Both can stand in an address: they say nothing about anybody. */
export type ResultsFilter = { period: '3-months' | '12-months' | 'all'; outOfRange: boolean }

/** Reads the filter of an address; whatever is none of its words means everything. */
export function readResultsFilter(query: {
  period?: string | undefined
  range?: string | undefined
}): ResultsFilter {
  const { period } = query
  return {
    period: period === '3-months' || period === '12-months' ? period : 'all',
    outOfRange: query.range === 'out',
  }
}
