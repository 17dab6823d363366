'use server'

import { notFound, redirect } from 'next/navigation'
import { requireActor } from '#lib/auth/require-actor.ts'
import { addConcernNote } from '#lib/oversight/concerns/add-concern-note.ts'
import { answerInput, noteInput } from '#lib/oversight/concerns/input.ts'
import { stepConcern } from '#lib/oversight/concerns/step-concern.ts'
import { paths, withQuery } from '#lib/paths.ts'
import { idOr404, openedOr404, problemsOf, textsOf, type FormState } from '../../../../opened.ts'

/** Takes a concern in hand. */
export async function acknowledgeAction(patientId: string, concernId: string): Promise<void> {
  const actor = await requireActor('compliance')
  const step = { kind: 'acknowledge' } as const
  const outcome = openedOr404(await stepConcern(actor, idOr404(patientId), idOr404(concernId), step))
  if (outcome.kind === 'not-found') notFound()
  redirect(withQuery(paths.complianceConcern(patientId, concernId), { done: outcome.kind }))
}

/** Sends the answer, for good. */
export async function answerAction(
  patientId: string,
  concernId: string,
  _: FormState,
  data: FormData,
): Promise<FormState> {
  const actor = await requireActor('compliance')
  const values = textsOf(data)
  const parsed = answerInput.safeParse(values)
  if (!parsed.success) return problemsOf(values, parsed.error.issues)
  const step = { kind: 'answer', ...parsed.data } as const
  const outcome = openedOr404(await stepConcern(actor, idOr404(patientId), idOr404(concernId), step))
  if (outcome.kind === 'not-found') notFound()
  redirect(
    withQuery(paths.complianceConcern(patientId, concernId), {
      done: outcome.kind === 'done' ? 'answered' : outcome.kind,
    }),
  )
}

/** Keeps a note for other officers. */
export async function noteAction(
  patientId: string,
  concernId: string,
  _: FormState,
  data: FormData,
): Promise<FormState> {
  const actor = await requireActor('compliance')
  const values = textsOf(data)
  const parsed = noteInput.safeParse(values)
  if (!parsed.success) return problemsOf(values, parsed.error.issues)
  const outcome = openedOr404(
    await addConcernNote(actor, idOr404(patientId), idOr404(concernId), parsed.data),
  )
  if (outcome.kind === 'not-found') notFound()
  redirect(withQuery(paths.complianceConcern(patientId, concernId), { done: 'noted' }))
}
