'use server'

import { redirect } from 'next/navigation'
import type { FieldError } from '#components/ui/field-error.ts'
import { requireActor } from '#lib/auth/require-actor.ts'
import { mySecondFactors, type AskedFactors } from '#lib/auth/second-factors.ts'
import { stepUp } from '#lib/auth/step-up.ts'
import { parseExportForm } from '#lib/oversight/export/input.ts'
import { requestExport } from '#lib/oversight/export/request-export.ts'
import { cancelExport, decideExport } from '#lib/oversight/export/settle-export.ts'
import type { ExportFormView } from '#lib/oversight/export/view.ts'
import { exportRefusal } from '#lib/oversight/export/words.ts'
import { paths, withQuery } from '#lib/paths.ts'

export type ExportFormState = { errors: FieldError[]; asks: AskedFactors; form: ExportFormView | null }

/** Asks for an export, after a fresh one-time code. */
export async function requestExportAction(before: ExportFormState, data: FormData): Promise<ExportFormState> {
  const actor = await requireActor('compliance')
  const { form, period, problems } = parseExportForm(Object.fromEntries(data))
  if (problems.length > 0) return { errors: problems, asks: before.asks, form }
  const raised = await stepUp(actor, data, 'export-code')
  if (raised.kind === 'refused')
    return { errors: [{ field: 'export-code', message: raised.message }], asks: raised.asks, form }
  const asked = await requestExport(raised.actor, form, period)
  if (asked === 'no-search')
    return {
      errors: [
        { field: '', message: 'This search is not kept any more. Search again, then export the answer.' },
      ],
      asks: false,
      form,
    }
  if (asked.refusal !== null)
    return {
      errors: [{ field: '', message: exportRefusal(asked.refusal) }],
      asks: asked.refusal === 'code-too-old' && (await mySecondFactors(raised.actor)),
      form,
    }
  redirect(withQuery(paths.complianceExports, { done: asked.state === 'WAITING' ? 'waiting' : 'asked' }))
}

export type DecideState = { errors: FieldError[]; asks: AskedFactors }

/** Agrees to another officer's export or declines it, after a fresh one-time code. */
export async function decideExportAction(_: DecideState, data: FormData): Promise<DecideState> {
  const actor = await requireActor('compliance')
  const exportId = text(data, 'export')
  const agree = text(data, 'decision') === 'agree'
  const field = `code-${exportId}`
  const raised = await stepUp(actor, data, field)
  if (raised.kind === 'refused') return { errors: [{ field, message: raised.message }], asks: raised.asks }
  const refusal = await decideExport(raised.actor, idOf(exportId), agree)
  if (refusal !== null) return { errors: [{ field: '', message: exportRefusal(refusal) }], asks: false }
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
