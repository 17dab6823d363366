import type { Annotation } from './schema/datatypes.ts'

/** Annotations as one text, a paragraph each; null when there are none. */
export function notesText(notes: readonly Annotation[] | undefined): string | null {
  return (
    (notes ?? [])
      .map((note) => note.text?.trim())
      .filter(Boolean)
      .join('\n\n') || null
  )
}
