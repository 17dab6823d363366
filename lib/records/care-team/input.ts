import { z } from 'zod'

const day = z.union([z.literal('').transform(() => null), z.iso.date('Enter a day, such as 2026-12-31')])

/** Who shall care for the patient, from when to when and why. */
export const addCarerInput = z
  .object({
    /** Made when the form was drawn; becomes the row's id. */
    key: z.uuid(),
    carer: z.string().regex(/^(team|account):[0-9a-f-]{36}$/, 'Choose a team or a person'),
    /** `YYYY-MM-DD`; empty for from now on, and for no end. */
    from: day,
    until: day,
    reason: z.string().trim().min(1, 'Say why').max(200, 'At most 200 characters'),
  })
  .refine(({ from, until }) => from === null || until === null || until >= from, {
    path: ['until'],
    message: 'The last day is before the first',
  })
export type AddCarerInput = z.infer<typeof addCarerInput>
