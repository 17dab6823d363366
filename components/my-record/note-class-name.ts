import type { NoteClass } from '#lib/records/my-record/view.ts'

/** The kind of a note that is more than a usual visit note; null for the usual one. */
export function noteClassName(noteClass: NoteClass): string | null {
  if (noteClass === 'mental-health') return 'Mental health'
  return noteClass === 'substance-use' ? 'Substance use' : null
}
