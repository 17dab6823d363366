'use server'

import { redirect } from 'next/navigation'
import { z } from 'zod'
import { requireActor } from '#lib/auth/require-actor.ts'
import { paths, withQuery } from '#lib/paths.ts'
import { askAccounting } from '#lib/records/my-record/ask-accounting.ts'
import { accountingInput } from '#lib/records/my-record/input.ts'
import { openRecord, shown } from '../open-record.ts'

/** Asks for an accounting of disclosures of a period. */
export async function askAction(data: FormData): Promise<void> {
  const actor = await requireActor('patient')
  const record = await openRecord(actor, 'access-log')
  const values = Object.fromEntries(
    [...data].flatMap(([name, value]) => (typeof value === 'string' ? [[name, value]] : [])),
  )
  const parsed = accountingInput.safeParse(values)
  const outcome = parsed.success
    ? shown(await askAccounting(actor, record.patientId, parsed.data)).kind
    : 'invalid'
  const days = outcome === 'invalid' ? { from: day(values['from']), to: day(values['to']) } : {}
  redirect(withQuery(paths.disclosures, { done: outcome, ...days }))
}

/** A day as it was chosen, to be shown again; nothing for what is no day. */
function day(text: string | undefined): string | null {
  return z.iso.date().safeParse(text).data ?? null
}
