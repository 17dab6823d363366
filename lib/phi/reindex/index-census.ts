import 'server-only'

import { appQuery } from '#lib/db/app-database.ts'

/**
 * How far a renewal of the search index is, counted in the data itself, so that neither progress nor end is a matter of what
 * somebody wrote down.
 */
export type IndexCensus = {
  /** values that have a token, and none under the version */
  readonly namesMissing: number
  readonly codesMissing: number
  /** tokens of versions that no process uses any more */
  readonly dead: number
}

/** Counts everybody's tokens. @param version that is or will be looked up by */
export async function indexCensus(version: number, dead: readonly number[]): Promise<IndexCensus> {
  const [row] = await appQuery<{ names_missing: string; codes_missing: string; dead: string }>(
    'SELECT names_missing, codes_missing, dead FROM phi.index_census($1, $2::integer[])',
    [version, dead],
    'worker',
  )
  return {
    namesMissing: Number(row?.names_missing),
    codesMissing: Number(row?.codes_missing),
    dead: Number(row?.dead),
  }
}
