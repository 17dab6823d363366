'use server'

import { notFound, redirect } from 'next/navigation'
import { requireActor } from '#lib/auth/require-actor.ts'
import { paths, withQuery } from '#lib/paths.ts'
import { addCarer } from '#lib/records/care-team/add-carer.ts'
import { endCarer } from '#lib/records/care-team/end-carer.ts'
import { addCarerInput } from '#lib/records/care-team/input.ts'
import { idOr404, openedOr404 } from '../../../../opened.ts'

export type AddCarerState = {
  values: Record<string, string>
  problems: { field: string; message: string }[]
} | null

/** Lets a person or a team care for the patient. */
export async function addCarerAction(
  patientId: string,
  _: AddCarerState,
  data: FormData,
): Promise<AddCarerState> {
  const actor = await requireActor()
  const values = Object.fromEntries(
    [...data].flatMap(([name, value]) => (typeof value === 'string' ? [[name, value]] : [])),
  )
  const parsed = addCarerInput.safeParse(values)
  if (!parsed.success) {
    return {
      values,
      problems: parsed.error.issues.map(({ path, message }) => ({ field: path.join('.'), message })),
    }
  }
  const outcome = openedOr404(await addCarer(actor, idOr404(patientId), parsed.data))
  if (outcome.kind === 'invalid') return { values, problems: [outcome] }
  redirect(withQuery(paths.chartTeam(patientId), { done: 'carer-added' }))
}

/** Ends that somebody cares for the patient. Whoever ends their own, or their team's, is led back to the worklist: the chart may be closed to them. */
export async function endCarerAction(patientId: string, data: FormData): Promise<void> {
  const actor = await requireActor()
  const relationshipId = data.get('relationship')
  const outcome = openedOr404(
    await endCarer(
      actor,
      idOr404(patientId),
      idOr404(typeof relationshipId === 'string' ? relationshipId : ''),
    ),
  )
  if (outcome.kind === 'not-found') notFound()
  const done = outcome.kind === 'last-one' ? 'last-carer' : 'carer-ended'
  const isOwn = data.get('own') === 'yes' && outcome.kind !== 'last-one'
  redirect(isOwn ? withQuery(paths.care, { done }) : withQuery(paths.chartTeam(patientId), { done }))
}
