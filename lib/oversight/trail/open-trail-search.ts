import 'server-only'

import { openFilter } from '#lib/accounts/saved-filter.ts'
import { patientReferences } from '#lib/phi/patient-reference.ts'
import type { Actor } from '#lib/policy/actor.ts'
import { trailAnswer } from './answer.ts'
import { trailFilterShape } from './criteria.ts'
import { emptyTrailForm } from './form-options.ts'
import { parseTrailForm } from './input.ts'
import { isUnbounded } from './is-unbounded.ts'
import { openAssurance } from './open-assurance.ts'
import type { TrailOrder } from './order.ts'
import { searchTrail } from './search-trail.ts'
import type { AssuranceView, TrailAnswerView, TrailFormView, TrailPageView } from './view.ts'

export type OpenedSearch =
  | { kind: 'none' | 'expired' | 'no-patient' | 'too-many' | 'too-long-to-sort'; form: TrailFormView }
  | {
      kind: 'answered'
      form: TrailFormView
      from: string
      to: string
      patients: string[] | null
      page: TrailPageView
      answer: TrailAnswerView
      /** asked for where nothing was found, because only then does the answer rest on it */
      assurance: AssuranceView
    }

/** A kept search with one page of its answer; without an id the empty form, with today filled in. */
export async function openTrailSearch(
  actor: Actor,
  filterId: string | null,
  order: TrailOrder,
  after: string | null,
): Promise<OpenedSearch> {
  if (filterId === null) return { kind: 'none', form: emptyTrailForm() }
  const filter = await openFilter(actor, 'trail', filterId, trailFilterShape)
  if (!filter) return { kind: 'expired', form: emptyTrailForm() }
  const { form } = parseTrailForm(filter.form)
  if (filter.tooMany) return { kind: 'too-many', form }
  if (filter.patients?.length === 0) return { kind: 'no-patient', form }
  if (isUnbounded(filter, order)) return { kind: 'too-long-to-sort', form }
  const page = await searchTrail(actor, filter, { scope: filterId, order, after })
  if (!page) return { kind: 'expired', form }
  const references =
    filter.patients === null ? null : [...(await patientReferences(filter.patients)).values()]
  return {
    kind: 'answered',
    form,
    from: filter.from,
    to: filter.to,
    patients: references,
    page,
    answer: trailAnswer(page.entries),
    assurance: page.entries.length === 0 ? await openAssurance() : null,
  }
}
