import { z } from 'zod'
import { documentKinds, proveIdentity } from './documents.ts'

/** What the desk fills in: which documents were seen and, for somebody who has no login yet, the address that they sign in with. */
export const deskInput = z.object({
  documents: z
    .array(z.enum(documentKinds.map(({ value }) => value)))
    .refine(proveIdentity, 'Tick one document with a photograph, or two without')
    .transform((seen) => [...new Set(seen)]),
  /** empty where the login has an owner already: it keeps its address */
  email: z.union([
    z.literal(''),
    z.email('Enter an e-mail address, such as name@example.org').max(254, 'At most 254 characters'),
  ]),
})

export type DeskInput = z.infer<typeof deskInput>

/** A code as a letter asks for it. */
export const letterInput = z.object({ code: z.string().trim().min(1).max(64) })
