/**
 * One figure of a benchmark. `floor` is what the same machine does in the same run without the part that is measured (a plain insert,
 * a bare cipher, a peer); `ratio` is the figure against that floor and `bar` the ratio that was promised.
 */
export type BenchRow = {
  what: string
  unit: string
  /** Of all repetitions. */
  median: number
  /** Half the distance between the 10th and the 90th percentile, in the same unit. */
  spread: number
  floor?: number
  ratio?: number
  /** For example '≥ 0.60' or '≤ 1.7'. */
  bar?: string
  ok?: boolean
}

/** What each file bench/<name>.ts exports: a name and the run itself. */
export type Bench = { name: string; run: () => Promise<BenchRow[]> }
