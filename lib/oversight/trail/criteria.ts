import 'server-only'

import { z } from 'zod'

/** What a search of the trail is kept as: the form as typed, and what it was understood to mean. */
export const trailFilterShape = z.object({
  form: z.record(z.string(), z.string()),
  from: z.string(),
  to: z.string(),
  /** null: no patient was asked for; empty: asked for and nobody found */
  patients: z.array(z.string()).nullable(),
  tooMany: z.boolean(),
})
export type TrailFilter = z.infer<typeof trailFilterShape>

const passedOn = [
  'actor', 'role', 'action', 'outcome', 'view', 'purpose', 'field', 'address', 'session', 'request', 'zone',
] as const // prettier-ignore

/** The criteria of a kept search as audit.trail_conditions takes them. This is what is logged, and what is answered. */
export function trailCriteria(filter: TrailFilter): Record<string, unknown> {
  const { form, from, to, patients } = filter
  return {
    from,
    to,
    ...(patients === null ? {} : { patients }),
    ...Object.fromEntries(passedOn.flatMap((name) => (form[name] ? [[name, form[name]]] : []))),
    ...(form['emergency'] === 'yes' ? { emergency: true } : {}),
    ...(form['unexplained'] === 'yes' ? { unexplained: true } : {}),
  }
}
