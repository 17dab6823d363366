import type { NoteClass } from '#lib/records/notes/view.ts'

/** Classes of notes in words, and who reads them, as the writer is told. */
export const noteClassNames: Record<NoteClass, { name: string; readers: string }> = {
  clinical: { name: 'Clinical', readers: 'The care team and the patient read it.' },
  'mental-health': {
    name: 'Mental health',
    readers: 'Clinicians of the care team and the patient read it; nurses do not.',
  },
  'substance-use': {
    name: 'Substance use',
    readers: 'Clinicians of the care team and the patient read it; nurses do not.',
  },
  psychotherapy: {
    name: 'Psychotherapy',
    readers: 'You alone read it. It is never shown or exported to anybody else.',
  },
}
