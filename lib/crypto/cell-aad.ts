import type { CellColumn } from './cell-column.ts'
import type { RowAddress } from './row-address.ts'

/* Synchronous callers only, one thread each, and node:crypto copies what it is given: one buffer serves all. */
const scratch = Buffer.allocUnsafeSlow(4096)
const viewsBySize = new Map<number, Buffer>()

/**
 * The associated data that ties a cell to its place: format, column, row and owner, each with its length
 * before it, then the header (key version and type byte). Valid until the next call.
 */
export function cellAad(column: CellColumn, row: RowAddress, version: number, typeByte: number): Buffer {
  const size = column.aad.length + row.aad.length + 5
  const aad = size <= scratch.length ? viewOf(size) : Buffer.allocUnsafe(size)
  aad.set(column.aad, 0)
  let at = column.aad.length
  aad.set(row.aad, at)
  at += row.aad.length
  at = aad.writeUInt32BE(version, at)
  aad[at] = typeByte
  return aad
}

function viewOf(size: number): Buffer {
  const known = viewsBySize.get(size)
  if (known) return known
  const view = scratch.subarray(0, size)
  viewsBySize.set(size, view)
  return view
}
