import { z } from 'zod'

/** What is written about an entry of the trail that somebody does not recognise. */
export const concernInput = z.object({
  /** Made when the form was drawn; becomes the row's id. */
  key: z.uuid(),
  body: z
    .string()
    .trim()
    .min(3, 'Tell us in a few words what worries you')
    .max(2000, 'At most 2,000 characters'),
  contact: z
    .string()
    .trim()
    .max(200, 'At most 200 characters')
    .transform((text) => (text === '' ? null : text)),
})
export type ConcernInput = z.infer<typeof concernInput>

/** Of which days somebody wants an accounting, both included. */
export const accountingInput = z
  .object({
    key: z.uuid(),
    from: z.iso.date('Enter a day, such as 2026-01-31'),
    to: z.iso.date('Enter a day, such as 2026-01-31'),
  })
  .refine(({ from, to }) => to >= from, { path: ['to'], message: 'The last day is before the first' })
export type AccountingInput = z.infer<typeof accountingInput>
