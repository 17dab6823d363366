import 'server-only'

import type { FindingKind } from './finding.ts'

/** What an entry of the trail says about cells: digests by row and column, or null for a cell that was cleared. */
export type DigestEntry = {
  readonly action: string
  readonly cells: Readonly<Record<string, Readonly<Record<string, string | null>>>>
}

/**
 * `former` only where a cell has had other ciphertexts. `again`: its newest digest is one that it had before another one. Every
 * sealing takes a nonce of its own, so no honest change writes that: whoever put an old ciphertext back wrote its old digest too.
 */
type Cell = { newest: string | null; former?: Set<string>; again?: boolean }
type Row = { born: boolean; readonly cells: Map<string, Cell> }

/** What the trail knows of the cells of some records. */
export class CellHistory {
  readonly #rows = new Map<string, Row>()
  readonly #columns: ReadonlySet<string>

  /** @param columns ids of the columns that are looked at; others are not kept */
  constructor(columns: ReadonlySet<string>) {
    this.#columns = columns
  }

  /** Takes the entries in, oldest first. */
  add({ action, cells }: DigestEntry): void {
    for (const [rowId, digests] of Object.entries(cells)) {
      const row = this.#row(rowId)
      // An entry about a row's beginning names all its cells: one that it does not name is empty.
      if (action === 'CREATE') row.born = true
      if (action === 'DELETE') for (const cell of row.cells.values()) replace(cell, null)
      for (const [column, digest] of Object.entries(digests)) {
        if (!this.#columns.has(column)) continue
        const cell = row.cells.get(column)
        if (cell) replace(cell, digest)
        else row.cells.set(column, { newest: digest })
      }
    }
  }

  /** What is wrong with a cell that holds a ciphertext of this digest, or none; undefined when nothing is. */
  judge(rowId: string, column: string, digest: string | null): FindingKind | undefined {
    const row = this.#rows.get(rowId)
    const cell = row?.cells.get(column)
    if (digest === null) return typeof cell?.newest === 'string' ? 'REMOVED' : undefined
    if (!cell) return row?.born ? 'ALTERED' : 'UNCOVERED'
    if (cell.newest === digest) return cell.again === true ? 'REPLAYED' : undefined
    return cell.former?.has(digest) ? 'REPLAYED' : 'ALTERED'
  }

  /** Says that a row was met. */
  meet(rowId: string): void {
    this.#rows.delete(rowId)
  }

  /** Rows that were not met and should hold something, with one of its columns. */
  *missing(): Generator<{ rowId: string; column: string }> {
    for (const [rowId, { cells }] of this.#rows) {
      for (const [column, { newest }] of cells) {
        if (newest === null) continue
        yield { rowId, column }
        break
      }
    }
  }

  #row(rowId: string): Row {
    const known = this.#rows.get(rowId)
    if (known) return known
    const row: Row = { born: false, cells: new Map() }
    this.#rows.set(rowId, row)
    return row
  }
}

function replace(cell: Cell, digest: string | null): void {
  if (cell.newest === digest) return
  if (cell.newest !== null) (cell.former ??= new Set()).add(cell.newest)
  cell.again = digest !== null && cell.former?.has(digest) === true
  cell.newest = digest
}
