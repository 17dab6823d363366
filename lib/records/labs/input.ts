import { z } from 'zod'

export const commentLimit = 1000

/** Marking a result reviewed: the comment is compulsory for a critical result, which the verb decides. */
export const reviewInput = z.object({
  comment: z.string().trim().max(commentLimit, `The comment can have at most ${commentLimit} characters`),
})
export type ReviewInput = z.infer<typeof reviewInput>
