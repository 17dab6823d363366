import 'server-only'
import type { Finding, FindingKind } from './finding.ts'

/** Findings that are listed; a rewritten log has more than anybody reads. */
const listedMax = 1000

/** What a verification finds, one after the other; beyond the listed ones they are only counted. */
export class Findings {
  readonly list: Finding[] = []
  count = 0

  say(kind: FindingKind, leafIndex: number | null, logId: string | null, detail: string): void {
    this.count += 1
    if (this.list.length < listedMax) this.list.push({ kind, leafIndex, logId, detail })
  }
}
