import 'server-only'

import { openFilter } from '#lib/accounts/saved-filter.ts'
import { patientReferences } from '#lib/phi/patient-reference.ts'
import type { Actor } from '#lib/policy/actor.ts'
import { trailAnswer } from './answer.ts'
import { emptyTrailForm } from './form-options.ts'
import { parseTrailForm } from './input.ts'
import { searchTrail, trailFilterShape } from './search-trail.ts'
import type { TrailAnswerView, TrailFormView, TrailPageView } from './view.ts'

export type OpenedSearch =
  | { kind: 'none' | 'expired' | 'no-patient' | 'too-many'; form: TrailFormView }
  | {
      kind: 'answered'
      form: TrailFormView
      from: string
      to: string
      patients: string[] | null
      page: TrailPageView
      answer: TrailAnswerView
    }

/** A kept search with its answer; without an id the empty form, with the last half hour filled in. */
export async function openTrailSearch(
  actor: Actor,
  filterId: string | null,
  before: string | null,
): Promise<OpenedSearch> {
  if (filterId === null) return { kind: 'none', form: emptyTrailForm() }
  const filter = await openFilter(actor, 'trail', filterId, trailFilterShape)
  if (!filter) return { kind: 'expired', form: emptyTrailForm() }
  const { form } = parseTrailForm(filter.form)
  if (filter.tooMany) return { kind: 'too-many', form }
  if (filter.patients?.length === 0) return { kind: 'no-patient', form }
  const page = await searchTrail(actor, filter, before)
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
  }
}
