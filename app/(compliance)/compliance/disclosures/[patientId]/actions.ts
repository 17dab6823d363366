'use server'

import { notFound, redirect } from 'next/navigation'
import { requireActor } from '#lib/auth/require-actor.ts'
import { disclosureInput, extensionInput } from '#lib/oversight/disclosures/input.ts'
import { recordDisclosure } from '#lib/oversight/disclosures/record-disclosure.ts'
import { stepAccounting } from '#lib/oversight/disclosures/step-accounting.ts'
import { paths, withQuery } from '#lib/paths.ts'
import { idOr404, openedOr404, problemsOf, textsOf, type FormState } from '../../../opened.ts'

/** Writes a disclosure into the ledger. */
export async function recordAction(patientId: string, _: FormState, data: FormData): Promise<FormState> {
  const actor = await requireActor('compliance')
  const values = textsOf(data)
  const parsed = disclosureInput.safeParse(values)
  if (!parsed.success) return problemsOf(values, parsed.error.issues)
  const outcome = openedOr404(await recordDisclosure(actor, idOr404(patientId), parsed.data))
  if (outcome.kind === 'invalid') return { values, problems: [outcome] }
  redirect(withQuery(paths.complianceLedger(patientId), { done: 'recorded' }))
}

/** Gives the accounting that was asked for. */
export async function provideAction(patientId: string, requestId: string): Promise<void> {
  const actor = await requireActor('compliance')
  const step = { kind: 'provide' } as const
  const outcome = openedOr404(await stepAccounting(actor, idOr404(patientId), idOr404(requestId), step))
  if (outcome.kind === 'not-found') notFound()
  redirect(withQuery(paths.complianceLedger(patientId), { done: 'provided' }))
}

/** Takes 30 days more, with the reason. */
export async function extendAction(
  patientId: string,
  requestId: string,
  _: FormState,
  data: FormData,
): Promise<FormState> {
  const actor = await requireActor('compliance')
  const values = textsOf(data)
  const parsed = extensionInput.safeParse(values)
  if (!parsed.success) return problemsOf(values, parsed.error.issues)
  const step = { kind: 'extend', ...parsed.data } as const
  const outcome = openedOr404(await stepAccounting(actor, idOr404(patientId), idOr404(requestId), step))
  if (outcome.kind === 'not-found') notFound()
  redirect(withQuery(paths.complianceLedger(patientId), { done: 'extended' }))
}
