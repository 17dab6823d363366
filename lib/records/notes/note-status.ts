import 'server-only'

import type { NoteStatus } from './view.ts'

const all: readonly NoteStatus[] = ['draft', 'signed', 'amended', 'entered-in-error']

/** A stored status. The database knows no other; one that were unknown is shown as a mistake, never as signed. */
export function toNoteStatus(text: string): NoteStatus {
  return all.find((known) => known === text) ?? 'entered-in-error'
}
