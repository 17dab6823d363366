'use server'

import { redirect } from 'next/navigation'
import type { FieldError } from '#components/ui/field-error.ts'
import { codeText, waitText } from '#lib/auth/refusal-text.ts'
import { requireActor } from '#lib/auth/require-actor.ts'
import { stepUp, type StepUpOutcome } from '#lib/auth/step-up.ts'
import { parseExportForm } from '#lib/oversight/export/input.ts'
import { requestExport } from '#lib/oversight/export/request-export.ts'
import { cancelExport, decideExport } from '#lib/oversight/export/settle-export.ts'
import type { ExportFormView } from '#lib/oversight/export/view.ts'
import { exportRefusal } from '#lib/oversight/export/words.ts'
import { paths, withQuery } from '#lib/paths.ts'

export type ExportFormState = { errors: FieldError[]; asksForCode: boolean; form: ExportFormView | null }

/** Asks for an export, after a fresh one-time code. */
export async function requestExportAction(before: ExportFormState, data: FormData): Promise<ExportFormState> {
  const actor = await requireActor('compliance')
  const { form, period, problems } = parseExportForm(Object.fromEntries(data))
  if (problems.length > 0) return { errors: problems, asksForCode: before.asksForCode, form }
  const raised = await stepUp(actor, text(data, 'export-code'))
  if (raised.kind !== 'fresh') return { ...notFresh(raised, 'export-code'), form }
  const asked = await requestExport(actor, form, period)
  if (asked === 'no-search')
    return {
      errors: [
        { field: '', message: 'This search is not kept any more. Search again, then export the answer.' },
      ],
      asksForCode: false,
      form,
    }
  if (asked.refusal !== null)
    return {
      errors: [{ field: '', message: exportRefusal(asked.refusal) }],
      asksForCode: asked.refusal === 'code-too-old',
      form,
    }
  redirect(withQuery(paths.complianceExports, { done: asked.state === 'WAITING' ? 'waiting' : 'asked' }))
}

export type DecideState = { errors: FieldError[]; asksForCode: boolean }

/** Agrees to another officer's export or declines it, after a fresh one-time code. */
export async function decideExportAction(_: DecideState, data: FormData): Promise<DecideState> {
  const actor = await requireActor('compliance')
  const exportId = text(data, 'export')
  const agree = text(data, 'decision') === 'agree'
  const raised = await stepUp(actor, text(data, `code-${exportId}`))
  if (raised.kind !== 'fresh') return notFresh(raised, `code-${exportId}`)
  const refusal = await decideExport(actor, idOf(exportId), agree)
  if (refusal !== null)
    return { errors: [{ field: '', message: exportRefusal(refusal) }], asksForCode: false }
  redirect(withQuery(paths.complianceExports, { done: agree ? 'agreed' : 'declined' }))
}

/** Takes one's own export back. */
export async function cancelExportAction(data: FormData): Promise<void> {
  const actor = await requireActor('compliance')
  const refusal = await cancelExport(actor, idOf(text(data, 'export')))
  redirect(withQuery(paths.complianceExports, { done: refusal === null ? 'cancelled' : 'ended' }))
}

function text(data: FormData, name: string): string {
  const value = data.get(name)
  return typeof value === 'string' ? value.slice(0, 4000) : ''
}

/** What is no id names nothing: the database answers that it is not there, and writes that down. */
function idOf(value: string): string {
  return /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(value)
    ? value
    : '00000000-0000-0000-0000-000000000000'
}

function notFresh(outcome: Exclude<StepUpOutcome, { kind: 'fresh' }>, field: string): DecideState {
  const message =
    outcome.kind === 'code-needed'
      ? 'Enter a one-time code from your app'
      : outcome.kind === 'wait'
        ? waitText(outcome.seconds)
        : codeText(outcome.kind, 'totp')
  return { errors: [{ field, message }], asksForCode: true }
}
