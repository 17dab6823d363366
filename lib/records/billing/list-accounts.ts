import 'server-only'

import { z } from 'zod'
import { findBillingPatients, type BillingCursor } from '#lib/phi/find-billing-patients.ts'
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
import { balanceOf, claimState, counts } from './balance.ts'
import type { QueueView } from './view.ts'

const pageSize = 25

/** One page of the accounts that have claims, the newest claim first; one admission, one row of the trail per patient. */
export async function listAccounts(actor: Actor, cursor?: string): Promise<Outcome<QueueView>> {
  const found = await findBillingPatients(actor, pageSize + 1, readCursor(cursor))
  const page = found.slice(0, pageSize)
  const last = page.at(-1)
  if (!last) return { kind: 'granted', value: { rows: [], next: null }, patients: [] }
  const patients = page.map(({ patientId }) => patientId)
  return withRecord(actor, { view: 'billing-queue', action: 'READ', patients }, async (record, granted) => {
    const rows = await record.patient.findMany({
      where: { id: { in: granted } },
      take: pageSize,
      select: {
        ...identitySelect,
        claims: { take: 200, orderBy: { submittedAt: 'desc' }, select: claimSelect },
        explanationsOfBenefit: { take: 200, select: decisionSelect },
        payments: { take: 200, select: paymentSelect },
      },
    })
    const byId = new Map(
      rows.map((row) => [
        row.id,
        {
          ...toAccountIdentity(row),
          balance: balanceOf(row.claims, row.explanationsOfBenefit, row.payments),
          openClaims: row.claims.filter((claim) => {
            const { state } = claimState(claim, row.explanationsOfBenefit, row.payments)
            return counts(claim) && state !== 'settled'
          }).length,
          newestClaimAt: row.claims[0]?.submittedAt?.toISOString() ?? null,
        },
      ]),
    )
    return {
      rows: patients.flatMap((id) => byId.get(id) ?? []),
      next:
        found.length > page.length
          ? Buffer.from(JSON.stringify([last.newestClaimAt, last.patientId])).toString('base64url')
          : null,
    }
  })
}

const cursorShape = z.tuple([z.iso.datetime({ offset: true }).nullable(), z.uuid()])

function readCursor(text: string | undefined): BillingCursor | null {
  if (text === undefined || text.length > 200) return null
  try {
    const [newestClaimAt, patientId] = cursorShape.parse(
      JSON.parse(Buffer.from(text, 'base64url').toString('utf8')),
    )
    return { newestClaimAt, patientId }
  } catch {
    return null
  }
}
