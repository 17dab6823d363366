import { z } from 'zod'
import { text } from './datatypes.ts'

/** A resource inside another, reached as `#id`. It is checked when somebody follows the reference. */
const contained = z.looseObject({ resourceType: text, id: text.optional() })

/** What every resource has. `id` may be missing in what was never stored on a server. */
export const base = {
  id: z
    .string()
    .regex(/^[A-Za-z0-9\-.]{1,64}$/, 'is not a FHIR id')
    .optional(),
  contained: z.array(contained).optional(),
}
