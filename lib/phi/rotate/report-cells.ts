import 'server-only'

import { CellUnreadable } from '#lib/phi/record-error.ts'
import { reportUnreadable } from '#lib/phi/report-unreadable.ts'
import type { Actor } from '#lib/policy/actor.ts'
import type { UnreadableCell } from './types.ts'

/** More are counted, and not each written down. */
const reportsMax = 100

/** Writes down which cells did not open, as for a reader who meets one. */
export async function reportCells(actor: Actor, cells: readonly UnreadableCell[]): Promise<void> {
  for (const { model, column, rowId, ownerId, code } of cells.slice(0, reportsMax)) {
    await reportUnreadable(
      actor,
      new CellUnreadable({ model, field: column, rowId, patientId: ownerId, code }),
    )
  }
}
