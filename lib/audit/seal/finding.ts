import 'server-only'

/** What may be wrong with the trail. */
export const findingKinds = [
  /** a sealed row does not hash to its leaf any more */
  'ROW_EDITED',
  /** a sealed row is gone */
  'ROW_DELETED',
  /** a row stands among the sealed ones that was never sealed */
  'ROW_INSERTED',
  /** leaves do not stand in the order of their rows */
  'REORDERED',
  /** an anchor holds a larger tree than the database */
  'TRUNCATED_OR_ROLLED_BACK',
  /** the leaves do not lead to a root that was signed */
  'HISTORY_REWRITTEN',
  /** rows wait and nothing was sealed for a minute */
  'SEAL_STALE',
  /** two signed roots for one size */
  'EQUIVOCATION',
  /** an anchor has not what it had confirmed to have */
  'ANCHOR_LOST',
  /** a row is not as the process vouched for it that wrote it */
  'ROW_FORGED',
  /** a row of the log of patients for which no process vouches */
  'ROW_UNATTESTED',
  /** a process wrote rows that are not there */
  'ROWS_MISSING',
  /** the archive of a month that left the logs is not there or does not open */
  'ARCHIVE_MISSING',
] as const
export type FindingKind = (typeof findingKinds)[number]

/** One thing that is wrong; ids and numbers only. */
export type Finding = {
  readonly kind: FindingKind
  readonly leafIndex: number | null
  readonly logId: string | null
  readonly detail: string
}

/**
 * How much is looked at: everything; what was sealed since a checkpoint (without a size, since the last one that was verified);
 * or so many entries picked at random, each with its proof.
 */
export type VerifyMode =
  | { readonly kind: 'full' }
  | { readonly kind: 'since'; readonly size?: number }
  | { readonly kind: 'sample'; readonly count: number }

export type Verdict = {
  readonly ok: boolean
  readonly mode: VerifyMode['kind']
  /** leaves that were not looked at, because the tree of this size was verified before; 0 unless the mode is `since` */
  readonly since: number
  /** leaves that were held against their rows */
  readonly checked: number
  readonly incarnation: number
  readonly origin: string
  readonly treeSize: number
  /** root that the rows as they stand lead to, in base64 */
  readonly root: string
  /** when the last sealed row was written */
  readonly sealedThrough: string | null
  /** what was held against the words of the processes that wrote it; null where their secret is not known here */
  readonly writers: { readonly writers: number; readonly calls: number; readonly rows: number } | null
  readonly findings: readonly Finding[]
  /** findings beyond those that are listed */
  readonly more: number
  /** anchors that gave no answer: what they hold was not compared */
  readonly unreached: readonly string[]
}
