import 'server-only'

import type { Outcome } from '#lib/phi/types.ts'
import { withRecord } from '#lib/phi/with-record.ts'
import type { Actor } from '#lib/policy/actor.ts'
import {
  claimSelect,
  decisionSelect,
  identitySelect,
  paymentSelect,
  toAccountIdentity,
} from './account-rows.ts'
import { balanceOf, cents, claimState } from './balance.ts'
import type { AccountView } from './view.ts'

const shownClaims = 100

/**
 * One account: whom to bill, insurance, charges by kind of service, claims, payments. The database gives this role no
 * clinical column, so none can be shown by mistake.
 * @returns a null value when there is no such patient
 */
export async function openAccount(actor: Actor, patientId: string): Promise<Outcome<AccountView | null>> {
  return withRecord(
    actor,
    { view: 'billing-account', action: 'READ', patients: [patientId] },
    async (record) => {
      const row = await record.patient.findUnique({
        where: { id: patientId },
        select: {
          ...identitySelect,
          ssnLastFour: true,
          patientContacts: { take: 20, select: { kind: true, value: true, address: true } },
          coverages: {
            take: 20,
            orderBy: { startsOn: 'desc' },
            select: {
              id: true,
              status: true,
              startsOn: true,
              endsOn: true,
              payerName: true,
              planName: true,
              memberId: true,
              groupNumber: true,
              subscriberName: true,
            },
          },
          claims: {
            take: shownClaims + 1,
            orderBy: { submittedAt: 'desc' },
            select: {
              ...claimSelect,
              claimLines: {
                take: 100,
                orderBy: { lineNumber: 'asc' },
                select: {
                  id: true,
                  lineNumber: true,
                  servicedAt: true,
                  serviceCategory: true,
                  billingCode: true,
                  quantity: true,
                  net: true,
                },
              },
            },
          },
          explanationsOfBenefit: { take: 500, select: decisionSelect },
          payments: { take: 500, orderBy: { paidAt: 'desc' }, select: paymentSelect },
        },
      })
      if (!row) return null
      return {
        identity: {
          ...toAccountIdentity(row),
          ssnLastFour: row.ssnLastFour,
          contacts: row.patientContacts.flatMap((contact) => {
            const text = contact.value ?? addressLine(contact.address)
            return text === null || contact.kind === 'related-person' ? [] : [{ kind: contact.kind, text }]
          }),
        },
        balance: balanceOf(row.claims, row.explanationsOfBenefit, row.payments),
        coverages: row.coverages.map((coverage) => ({
          ...coverage,
          startsOn: coverage.startsOn?.toISOString().slice(0, 10) ?? null,
          endsOn: coverage.endsOn?.toISOString().slice(0, 10) ?? null,
        })),
        claims: row.claims.slice(0, shownClaims).map((claim) => ({
          id: claim.id,
          claimNumber: claim.claimNumber,
          status: claim.status,
          kind: claim.kind,
          payerName: claim.payerName,
          submittedAt: claim.submittedAt?.toISOString() ?? null,
          ...claimState(claim, row.explanationsOfBenefit, row.payments),
          lines: claim.claimLines.map((line) => ({
            id: line.id,
            lineNumber: line.lineNumber,
            servicedAt: line.servicedAt?.toISOString() ?? null,
            serviceCategory: line.serviceCategory,
            billingCode: line.billingCode,
            quantity: line.quantity,
            netCents: line.net === null ? null : cents(line.net),
          })),
        })),
        moreClaims: row.claims.length > shownClaims,
        payments: row.payments.map((payment) => ({
          id: payment.id,
          paidAt: payment.paidAt.toISOString(),
          payer: payment.payer,
          method: payment.method,
          amountCents: cents(payment.amount),
          reference: payment.reference,
          status: payment.status,
        })),
      }
    },
  )
}

/** A FHIR address in one line; null when it says nothing. */
function addressLine(address: unknown): string | null {
  if (typeof address !== 'object' || address === null) return null
  const { line, city, state, postalCode } = address as {
    line?: unknown
    city?: unknown
    state?: unknown
    postalCode?: unknown
  }
  const text = (value: unknown): string =>
    typeof value === 'string'
      ? value
      : Array.isArray(value)
        ? value.filter((v) => typeof v === 'string').join(', ')
        : ''
  const joined = [text(line), text(city), [text(state), text(postalCode)].filter(Boolean).join(' ')]
    .filter(Boolean)
    .join(', ')
  return joined === '' ? null : joined
}
