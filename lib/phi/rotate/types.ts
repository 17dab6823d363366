import 'server-only'

/** A cell that does not open, and therefore stays as it is: where it lies and why, never what it holds. */
export type UnreadableCell = {
  readonly model: string
  readonly column: string
  readonly rowId: string
  /** whose it is; `org:main` for a secret of the organisation */
  readonly ownerId: string
  /** code of lib/crypto, such as `NOT_AUTHENTIC`, or `COLUMN_UNKNOWN` for a name that an earlier version of a row has and no table */
  readonly code: string
}

/** What came of one step of a rotation. */
export type Resealed = {
  /** cells under a new key version, committed */
  readonly cells: number
  /** cells that somebody was writing, or had written since they were read: they come back in the next pass */
  readonly contended: number
  readonly unreadable: readonly UnreadableCell[]
}

export const nothing: Resealed = { cells: 0, contended: 0, unreadable: [] }

/** Adds up what came of two steps. */
export function plus(one: Resealed, other: Resealed): Resealed {
  return {
    cells: one.cells + other.cells,
    contended: one.contended + other.contended,
    unreadable: [...one.unreadable, ...other.unreadable],
  }
}

/** Part of a rotation that fits into one unit of work, or into a few: rows of one table, of at most 50 patients. */
export type Task = { readonly table: string; readonly patients: readonly string[]; readonly cells: number }

/** Cells by key version, as the census counts them. */
export type CensusRow = {
  readonly patientId: string
  readonly table: string
  readonly version: number
  readonly cells: number
}
