import 'server-only'

import type { CellDigests } from './digest-cells.ts'
import type { SearchIndex } from './indexes.ts'
import type { Model } from './registry.ts'

/** A row that an operation is about to change, for the trail. */
export type Change = {
  readonly action: 'CREATE' | 'UPDATE' | 'DELETE'
  readonly model: Model
  readonly rowId: string
  readonly patient: string
  /** names of the fields written: encrypted ones and plain ones apart */
  readonly encrypted: readonly string[]
  readonly plain: readonly string[]
  /** what its cells hold afterwards; none for a row that goes away */
  readonly cells: CellDigests
}

/** Search tokens of a row to be written again after its change. */
export type TokenChange = {
  readonly model: Model
  readonly rowId: string
  readonly patient: string
  readonly indexes: readonly SearchIndex[]
  /** the row's new values of the fields that the indexes are made of; null when the row goes away */
  readonly row: Readonly<Record<string, unknown>> | null
}

/** Everything beside Prisma's own statement that one write has to do. */
export class WritePlan {
  readonly changes: Change[] = []
  readonly tokens: TokenChange[] = []
}
