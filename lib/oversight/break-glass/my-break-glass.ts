import 'server-only'

import { openTexts, sealNewText } from '#lib/accounts/sealed-text.ts'
import { myLeaseEntries, myLeases, type MyLeaseRow } from '#lib/audit/break-glass/my-leases.ts'
import { answerAboutLease } from '#lib/audit/break-glass/steps.ts'
import type { Actor } from '#lib/policy/actor.ts'
import type { FieldProblem, MyLeaseDetailView, MyLeaseView, OpenLeaseView } from './view.ts'
import { reasonInWords, refusalText, stateInWords } from './words.ts'

/** The emergency access under which a person has a chart open, for the bar above it; null where they need none. */
export async function openLeaseFor(actor: Actor, patientId: string): Promise<OpenLeaseView | null> {
  if (actor.role !== 'nurse' && actor.role !== 'clinician') return null
  const rows = await myLeases(actor, patientId)
  const row = rows.find(({ kind }) => kind === 'PATIENT') ?? rows[0]
  return row
    ? {
        id: row.id,
        kind: row.kind,
        expiresAt: row.expires_at.toISOString(),
        millisecondsLeft: row.expires_at.getTime() - row.db_now.getTime(),
      }
    : null
}

/** A person's own emergency accesses, newest first, at most fifty. */
export async function listMyBreakGlass(actor: Actor): Promise<MyLeaseView[]> {
  return (await myLeases(actor)).map(leaseView)
}

/** One of them, with what compliance asked and what was answered; null when it is not theirs. */
export async function readMyBreakGlass(actor: Actor, leaseId: string): Promise<MyLeaseDetailView | null> {
  const row = (await myLeases(actor)).find(({ id }) => id === leaseId)
  if (!row) return null
  const rows = await myLeaseEntries(actor, leaseId)
  const texts = await openTexts(rows.map(({ text_id: id, text_sealed: sealed }) => ({ id, sealed })))
  return {
    ...leaseView(row),
    entries: rows.map((entry) => ({
      id: entry.id,
      title: entry.kind === 'ANSWER' ? 'Your answer' : 'Compliance asks',
      by: entry.kind === 'ANSWER' ? 'You' : 'Compliance',
      at: entry.written_at.toISOString(),
      text: texts.get(entry.text_id) ?? '',
    })),
  }
}

/** Answers what compliance asked. @returns what has to be put right; null when it is sent @throws AuditUnavailable */
export async function answerQuestion(
  actor: Actor,
  leaseId: string,
  answer: string,
): Promise<FieldProblem | null> {
  const text = answer.trim()
  if (text.length < 15) return { field: 'answer', message: 'Answer in at least 15 characters' }
  if (text.length > 2000) return { field: 'answer', message: 'At most 2,000 characters' }
  const refusal = await answerAboutLease(actor, leaseId, await sealNewText(text))
  return refusal === null ? null : { field: '', message: refusalText(refusal) }
}

function leaseView(row: MyLeaseRow): MyLeaseView {
  return {
    id: row.id,
    patientId: row.patient_id,
    reason: reasonInWords(row.reason_code),
    ...stateInWords(row.state, row.verdict),
    isOpen: row.state === 'ACTIVE',
    asks: row.state === 'NEEDS_INFO',
    openedAt: row.activated_at.toISOString(),
    endedAt: row.ended_at?.toISOString() ?? null,
  }
}
