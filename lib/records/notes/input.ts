import { z } from 'zod'

export const titleLimit = 200
export const bodyLimit = 20_000
export const reasonLimit = 500

/** A text as it is being written: nothing is compulsory yet, and nothing is cut off. */
export const draftInput = z.object({
  /** Ids are made with the page, so that saving twice is saving once. */
  noteId: z.uuid(),
  versionId: z.uuid(),
  noteClass: z.enum(['clinical', 'mental-health', 'substance-use', 'psychotherapy']),
  encounterId: z.union([z.uuid(), z.literal('').transform(() => null), z.null()]),
  title: z.string().max(titleLimit, `The title can have at most ${titleLimit} characters`),
  body: z
    .string()
    .max(bodyLimit, `The note can have at most ${bodyLimit.toLocaleString('en-US')} characters`),
  reason: z.string().max(reasonLimit, `The reason can have at most ${reasonLimit} characters`),
  /** The revision that the page knows; 0 before the first save. */
  revision: z.coerce.number().int().min(0),
})
export type DraftInput = z.infer<typeof draftInput>
