import 'server-only'

import type { MyNoteView, NoteClass } from './view.ts'

/**
 * The class of a note that a patient may read. Psychotherapy notes are the author's alone (45 CFR 164.524(a)(1)(i)): the
 * database shows none, and one that came all the same is treated as not there.
 */
export function toNoteClass(text: string): NoteClass | null {
  return text === 'clinical' || text === 'mental-health' || text === 'substance-use' ? text : null
}

/** Drafts are not shown; any other unknown status is taken for a mistake and never for a signed note. */
export function toNoteStatus(text: string): MyNoteView['status'] | null {
  if (text === 'draft') return null
  return text === 'signed' || text === 'amended' ? text : 'entered-in-error'
}
