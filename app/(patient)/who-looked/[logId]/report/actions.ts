'use server'

import { notFound, redirect } from 'next/navigation'
import { requireActor } from '#lib/auth/require-actor.ts'
import { paths, withQuery } from '#lib/paths.ts'
import { concernInput } from '#lib/records/my-record/input.ts'
import { reportConcern } from '#lib/records/my-record/report-concern.ts'
import { openRecord, shown } from '../../../open-record.ts'
import { requireRecordId } from '../../../record-id.ts'

export type ReportState = {
  values: Record<string, string>
  problems: { field: string; message: string }[]
} | null

/** "I don't recognize this": hands what was written to compliance. */
export async function reportAction(logId: string, _: ReportState, data: FormData): Promise<ReportState> {
  const actor = await requireActor('patient')
  const record = await openRecord(actor, 'access-log')
  const values = Object.fromEntries(
    [...data].flatMap(([name, value]) => (typeof value === 'string' ? [[name, value]] : [])),
  )
  const parsed = concernInput.safeParse(values)
  if (!parsed.success)
    return {
      values,
      problems: parsed.error.issues.map(({ path, message }) => ({ field: path.join('.'), message })),
    }
  const outcome = shown(await reportConcern(actor, record.patientId, requireRecordId(logId), parsed.data))
  if (outcome.kind === 'not-found') notFound()
  redirect(withQuery(paths.reports, { done: outcome.kind }))
}
