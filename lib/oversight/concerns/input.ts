import { z } from 'zod'

/** The answer to a concern, as the patient will read it. */
export const answerInput = z.object({
  answer: z
    .string()
    .trim()
    .min(20, 'Write an answer that the patient can understand, at least 20 characters')
    .max(4000, 'At most 4,000 characters'),
})

/** A note for other compliance officers. */
export const noteInput = z.object({
  /** Made when the form was drawn; becomes the row's id. */
  key: z.uuid(),
  body: z.string().trim().min(1, 'Write something').max(2000, 'At most 2,000 characters'),
})
export type NoteInput = z.infer<typeof noteInput>
