import 'server-only'

import type { TrailFilter } from '#lib/oversight/trail/search-trail.ts'

const asked = ['actor', 'action', 'outcome', 'view', 'field', 'address'] as const

/** What a kept search means to the database: the same criteria as the search itself was answered by. */
export const criteriaOf = (filter: TrailFilter): Record<string, unknown> => ({
  from: filter.from,
  to: filter.to,
  ...(filter.patients === null ? {} : { patients: filter.patients }),
  ...Object.fromEntries(asked.flatMap((name) => (filter.form[name] ? [[name, filter.form[name]]] : []))),
})
