'use server'

import { redirect } from 'next/navigation'
import { requireActor } from '#lib/auth/require-actor.ts'
import { paths, withQuery } from '#lib/paths.ts'
import { askAccounting } from '#lib/records/my-record/ask-accounting.ts'
import { accountingInput } from '#lib/records/my-record/input.ts'
import { openRecord, shown } from '../open-record.ts'

export type AskState = {
  values: Record<string, string>
  problems: { field: string; message: string }[]
} | null

/** Asks for an accounting of disclosures of a period. */
export async function askAction(_: AskState, data: FormData): Promise<AskState> {
  const actor = await requireActor('patient')
  const record = await openRecord(actor, 'access-log')
  const values = Object.fromEntries(
    [...data].flatMap(([name, value]) => (typeof value === 'string' ? [[name, value]] : [])),
  )
  const parsed = accountingInput.safeParse(values)
  if (!parsed.success)
    return {
      values,
      problems: parsed.error.issues.map(({ path, message }) => ({ field: path.join('.'), message })),
    }
  const outcome = shown(await askAccounting(actor, record.patientId, parsed.data))
  if (outcome.kind === 'invalid') return { values, problems: [outcome] }
  redirect(withQuery(paths.disclosures, { done: outcome.kind }))
}
