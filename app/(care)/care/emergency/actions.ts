'use server'

import { redirect } from 'next/navigation'
import { z } from 'zod'
import type { FieldError } from '#components/ui/field-error.ts'
import { requireActor } from '#lib/auth/require-actor.ts'
import { mySecondFactors } from '#lib/auth/second-factors.ts'
import { askText, proveNow } from '#lib/auth/step-up.ts'
import { findForEmergency } from '#lib/oversight/break-glass/find-for-emergency.ts'
import { answerQuestion } from '#lib/oversight/break-glass/my-break-glass.ts'
import { endBreakGlass, openBreakGlass } from '#lib/oversight/break-glass/open-break-glass.ts'
import { breakGlassProblems, requestBreakGlass } from '#lib/oversight/break-glass/request-break-glass.ts'
import type { FieldProblem, FindForm } from '#lib/oversight/break-glass/view.ts'
import { paths, withQuery } from '#lib/paths.ts'

const text = (form: FormData, name: string, limit: number): string => {
  const value = form.get(name)
  return typeof value === 'string' ? value.slice(0, limit) : ''
}

export type FindState = { form: FindForm; problems: FieldProblem[] } | null

/** Looks for one patient who is not one's own, and answers with an address in which no word of it stands. */
export async function findPatient(_: FindState, data: FormData): Promise<FindState> {
  const actor = await requireActor('care')
  const answer = await findForEmergency(actor, {
    familyName: text(data, 'familyName', 200),
    givenName: text(data, 'givenName', 200),
    birthMonth: text(data, 'birth-month', 10),
    birthDay: text(data, 'birth-day', 10),
    birthYear: text(data, 'birth-year', 10),
    mrn: text(data, 'mrn', 60),
  })
  if (answer.kind === 'problems') return { form: answer.form, problems: answer.problems }
  redirect(withQuery(paths.careEmergency, { find: answer.id }))
}

export type BreakState = { errors: FieldError[]; reason: string; words: string }

/** Opens one record for an hour: the reason is checked first, then the one-time code, then the database opens it. */
export async function breakGlass(_: BreakState, data: FormData): Promise<BreakState> {
  const actor = await requireActor('care')
  const [reason, words] = [text(data, 'reason', 40), text(data, 'words', 2000)]
  const failed = (errors: FieldError[]): BreakState => ({ errors, reason, words })
  const kind = text(data, 'kind', 10)
  const request = { patient: text(data, 'patient', 40), kind, reason, words }
  // Nobody who is in a hurry learns of one fault at a time, and without a code nothing is asked of the database.
  if (text(data, 'code', 64).trim() === '' && text(data, 'code-passkey', 1) === '')
    return failed([
      ...breakGlassProblems(request),
      { field: 'code', message: askText(await mySecondFactors(actor)) },
    ])
  const asked = await requestBreakGlass(actor, request)
  if (asked.kind === 'problems') return failed(asked.problems)
  const proven = await proveNow(actor, data, 'code')
  if (proven.kind === 'refused') return failed([{ field: 'code', message: proven.message }])
  const refused = await openBreakGlass(proven.actor, asked.leaseId)
  if (refused !== null) return failed([{ field: '', message: refused }])
  redirect(kind === 'SCOPE' ? paths.chartNotes(asked.patientId) : paths.chart(asked.patientId))
}

/** Ends one's own emergency access before the hour is over. */
export async function endAccess(data: FormData): Promise<void> {
  const actor = await requireActor('care')
  const lease = z.uuid().safeParse(data.get('lease'))
  const refused = lease.success ? await endBreakGlass(actor, lease.data) : ''
  redirect(withQuery(paths.careEmergency, { done: refused === null ? 'ended' : null }))
}

export type AnswerState = { errors: FieldError[]; answer: string }

/** Answers what compliance asked about one's own emergency access. */
export async function sendAnswer(_: AnswerState, data: FormData): Promise<AnswerState> {
  const actor = await requireActor('care')
  const answer = text(data, 'answer', 8000)
  const lease = z.uuid().safeParse(data.get('lease'))
  const problem = lease.success
    ? await answerQuestion(actor, lease.data, answer)
    : { field: '', message: 'There is no such emergency access.' }
  if (problem) return { errors: [problem], answer }
  redirect(withQuery(paths.careEmergency, { done: 'answered' }))
}
