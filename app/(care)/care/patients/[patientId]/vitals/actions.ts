'use server'

import { notFound, redirect } from 'next/navigation'
import { requireActor } from '#lib/auth/require-actor.ts'
import { paths, withQuery } from '#lib/paths.ts'
import { vitalsInput } from '#lib/records/vitals/input.ts'
import { recordVitals } from '#lib/records/vitals/record-vitals.ts'
import { withdrawVital } from '#lib/records/vitals/withdraw-vital.ts'
import { idOr404, openedOr404 } from '../../../../opened.ts'

export type VitalsState = {
  /** What was typed, to be shown again. */
  values: Record<string, string>
  problems: { field: string; message: string }[]
  /** Unlikely values, to be confirmed. */
  doubts: { field: string; message: string }[]
} | null

/** Saves vital signs, or asks about those that look unlikely. */
export async function recordVitalsAction(
  patientId: string,
  _: VitalsState,
  data: FormData,
): Promise<VitalsState> {
  const actor = await requireActor()
  const values = Object.fromEntries(
    [...data].flatMap(([name, value]) => (typeof value === 'string' ? [[name, value]] : [])),
  )
  const shown = data.getAll('doubt').filter((doubt) => typeof doubt === 'string')
  const parsed = vitalsInput.safeParse({ ...values, confirmed: values['confirmed'] === 'yes' ? shown : [] })
  if (!parsed.success) {
    const problems = parsed.error.issues.map(({ path, message }) => ({ field: path.join('.'), message }))
    return { values, problems, doubts: [] }
  }
  const outcome = openedOr404(await recordVitals(actor, idOr404(patientId), parsed.data))
  if (outcome.kind === 'invalid') return { values, problems: [outcome], doubts: [] }
  if (outcome.kind === 'doubtful') return { values, problems: [], doubts: outcome.doubts }
  redirect(withQuery(paths.chartVitals(patientId), { done: 'vitals' }))
}

/** Says that a value was entered in error. */
export async function withdrawVitalAction(patientId: string, data: FormData): Promise<void> {
  const actor = await requireActor()
  const id = data.get('vital')
  const outcome = openedOr404(
    await withdrawVital(actor, idOr404(patientId), idOr404(typeof id === 'string' ? id : '')),
  )
  if (outcome.kind === 'not-found') notFound()
  redirect(withQuery(paths.chartVitals(patientId), { done: 'vital-withdrawn' }))
}
