'use server'

import { notFound, redirect } from 'next/navigation'
import { requireActor } from '#lib/auth/require-actor.ts'
import { correctionInput, suspensionInput } from '#lib/oversight/disclosures/input.ts'
import { correctDisclosure } from '#lib/oversight/disclosures/record-disclosure.ts'
import { suspendDisclosure } from '#lib/oversight/disclosures/suspend-disclosure.ts'
import { paths, withQuery } from '#lib/paths.ts'
import { idOr404, openedOr404, problemsOf, textsOf, type FormState } from '../../../../opened.ts'

/** Writes a row that takes the place of a wrong one. */
export async function correctAction(
  patientId: string,
  disclosureId: string,
  _: FormState,
  data: FormData,
): Promise<FormState> {
  const actor = await requireActor('compliance')
  const values = textsOf(data)
  const parsed = correctionInput.safeParse(values)
  if (!parsed.success) return problemsOf(values, parsed.error.issues)
  const outcome = openedOr404(
    await correctDisclosure(actor, idOr404(patientId), idOr404(disclosureId), parsed.data),
  )
  if (outcome.kind === 'invalid') return { values, problems: [outcome] }
  if (outcome.kind === 'not-found') notFound()
  if (outcome.kind === 'already-corrected')
    return { values, problems: [{ field: '', message: 'A colleague has put this row right already' }] }
  redirect(withQuery(paths.complianceLedger(patientId), { done: 'corrected' }))
}

/** Writes down that an agency asked for silence. */
export async function suspendAction(
  patientId: string,
  disclosureId: string,
  _: FormState,
  data: FormData,
): Promise<FormState> {
  const actor = await requireActor('compliance')
  const values = textsOf(data)
  const parsed = suspensionInput.safeParse(values)
  if (!parsed.success) return problemsOf(values, parsed.error.issues)
  const outcome = openedOr404(
    await suspendDisclosure(actor, idOr404(patientId), idOr404(disclosureId), parsed.data),
  )
  if (outcome.kind === 'invalid') return { values, problems: [outcome] }
  if (outcome.kind === 'not-found') notFound()
  redirect(withQuery(paths.complianceLedger(patientId), { done: 'suspended' }))
}
