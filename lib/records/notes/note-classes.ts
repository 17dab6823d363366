import 'server-only'

import type { Role } from '#lib/policy/roles.ts'
import type { NoteClass } from './view.ts'

const all: readonly NoteClass[] = ['clinical', 'mental-health', 'substance-use', 'psychotherapy']

/**
 * The classes of notes that a role can write. This only spares people a form that the database would refuse: its own
 * policies decide.
 */
export function noteClassesOf(role: Role): readonly NoteClass[] {
  if (role === 'clinician') return all
  return role === 'nurse' ? ['clinical'] : []
}

/** A stored class, or null for one that is not known. */
export function toNoteClass(text: string): NoteClass | null {
  return all.find((known) => known === text) ?? null
}
