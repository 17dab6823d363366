import 'server-only'

import type { BalanceView, ClaimView } from './view.ts'

export type ClaimRow = { id: string; status: string; total: number | null }
export type DecisionRow = {
  claimId: string | null
  status: string
  submitted: number | null
  insurerPaid: number | null
  patientResponsibility: number | null
}
export type PaymentRow = { claimId: string | null; status: string; amount: number; payer: string | null }

/** Dollars as they are stored, in whole cents. */
export const cents = (dollars: number | null): number => Math.round((dollars ?? 0) * 100)

const void_ = new Set(['cancelled', 'entered-in-error', 'draft'])
/** Whether a claim, decision or payment counts. */
export const counts = (row: { status: string }): boolean => !void_.has(row.status)

/**
 * What became of one claim. The patient's share is what the insurer says; where it says only what it paid, the rest of
 * what was submitted. Without a decision the whole is still with the insurer.
 */
export function claimState(
  claim: ClaimRow,
  decisions: readonly DecisionRow[],
  payments: readonly PaymentRow[],
): Pick<ClaimView, 'totalCents' | 'insurerPaidCents' | 'patientShareCents' | 'patientPaidCents' | 'state'> {
  const decided = decisions.filter((decision) => decision.claimId === claim.id && counts(decision))
  const paid = payments.filter(
    (payment) => payment.claimId === claim.id && counts(payment) && payment.payer !== 'insurer',
  )
  const totalCents = cents(claim.total)
  const insurerPaidCents = decided.reduce((sum, decision) => sum + cents(decision.insurerPaid), 0)
  const patientPaidCents = paid.reduce((sum, payment) => sum + cents(payment.amount), 0)
  const patientShareCents =
    decided.length === 0
      ? null
      : decided.reduce(
          (sum, decision) =>
            sum +
            (decision.patientResponsibility === null
              ? Math.max(0, cents(decision.submitted ?? claim.total) - cents(decision.insurerPaid))
              : cents(decision.patientResponsibility)),
          0,
        )
  const state = !counts(claim)
    ? 'cancelled'
    : patientShareCents === null
      ? 'waiting for the insurer'
      : patientShareCents > patientPaidCents
        ? 'patient owes'
        : 'settled'
  return { totalCents, insurerPaidCents, patientShareCents, patientPaidCents, state }
}

/** The sum over an account; payments that name no claim lower what is owed too. */
export function balanceOf(
  claims: readonly ClaimRow[],
  decisions: readonly DecisionRow[],
  payments: readonly PaymentRow[],
): BalanceView {
  const live = claims.filter(counts)
  const states = live.map((claim) => claimState(claim, decisions, payments))
  const patientPaidCents = payments
    .filter((payment) => counts(payment) && payment.payer !== 'insurer')
    .reduce((sum, payment) => sum + cents(payment.amount), 0)
  const shares = states.reduce((sum, state) => sum + (state.patientShareCents ?? 0), 0)
  return {
    chargedCents: states.reduce((sum, state) => sum + state.totalCents, 0),
    insurerPaidCents: states.reduce((sum, state) => sum + state.insurerPaidCents, 0),
    patientPaidCents,
    owedCents: shares - patientPaidCents,
    pendingCents: states.reduce(
      (sum, state) => sum + (state.state === 'waiting for the insurer' ? state.totalCents : 0),
      0,
    ),
  }
}
