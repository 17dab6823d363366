import 'server-only'

import { randomUUID } from 'node:crypto'
import { clinic } from '#lib/clinic.ts'
import type { Actor } from '#lib/policy/actor.ts'
import { callForRefusal } from './call-for-refusal.ts'

/** A text that was sealed for its row of app.sealed_text (lib/accounts/sealed-text.ts). */
export type SealedText = { id: string; sealed: string }

type Request = {
  patientId: string
  kind: 'PATIENT' | 'SCOPE'
  reasonCode: string
  text: SealedText
  /** keyed tokens of the words, by which equal words are known again */
  tokens: readonly Buffer[]
}

/** Asks to break the glass. The lease is not open before `openLease`. @throws AuditUnavailable */
export async function requestLease(
  actor: Actor,
  { patientId, kind, reasonCode, text, tokens }: Request,
): Promise<{ leaseId: string; refusal: string | null }> {
  const leaseId = randomUUID()
  const refusal = await callForRefusal('audit.break_glass_request($1, $2, $3, $4, $5, $6, $7, $8, $9)', [
    actor.sessionToken, leaseId, patientId, kind, reasonCode, text.id, text.sealed, tokens, actor.clientIp,
  ]) // prettier-ignore
  return { leaseId, refusal }
}

/** Opens what was asked for, with the second factor that was just shown. @returns the refusal @throws AuditUnavailable */
export const openLease = (actor: Actor, leaseId: string): Promise<string | null> =>
  callForRefusal('audit.break_glass_open($1, $2, $3, $4)', [
    actor.sessionToken,
    leaseId,
    clinic.timeZone,
    actor.clientIp,
  ])

/** Ends a lease before its time: its owner's, or as compliance anybody's. @returns the refusal @throws AuditUnavailable */
export const endLease = (actor: Actor, leaseId: string): Promise<string | null> =>
  callForRefusal('audit.break_glass_end($1, $2, $3)', [actor.sessionToken, leaseId, actor.clientIp])

/** Decides about a lease. @returns the refusal @throws AuditUnavailable */
export const reviewLease = (
  actor: Actor,
  leaseId: string,
  decision: string,
  text: SealedText,
): Promise<string | null> =>
  callForRefusal('audit.break_glass_review($1, $2, $3, $4, $5, $6)', [
    actor.sessionToken,
    leaseId,
    decision,
    text.id,
    text.sealed,
    actor.clientIp,
  ])

/** Answers what compliance asked about one's own lease. @returns the refusal @throws AuditUnavailable */
export const answerAboutLease = (actor: Actor, leaseId: string, text: SealedText): Promise<string | null> =>
  callForRefusal('audit.break_glass_answer($1, $2, $3, $4, $5, $6)', [
    actor.sessionToken,
    leaseId,
    text.id,
    text.sealed,
    clinic.timeZone,
    actor.clientIp,
  ])
