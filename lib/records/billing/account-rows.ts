import 'server-only'

import { formatName } from '#lib/format.ts'
import type { AccountIdentityView } from './view.ts'

/** What billing selects to know whose account it is. */
export const identitySelect = {
  id: true,
  familyName: true,
  givenName: true,
  preferredName: true,
  birthDate: true,
  mrn: true,
} as const

export const claimSelect = {
  id: true,
  status: true,
  submittedAt: true,
  claimNumber: true,
  kind: true,
  payerName: true,
  total: true,
} as const

export const decisionSelect = {
  id: true,
  claimId: true,
  status: true,
  submitted: true,
  insurerPaid: true,
  patientResponsibility: true,
} as const

export const paymentSelect = {
  id: true,
  claimId: true,
  status: true,
  paidAt: true,
  payer: true,
  method: true,
  amount: true,
  reference: true,
} as const

type IdentityRow = {
  id: string
  familyName: string
  givenName: string | null
  preferredName: string | null
  birthDate: string | null
  mrn: string | null
}

export function toAccountIdentity(row: IdentityRow): AccountIdentityView {
  return {
    patientId: row.id,
    name: formatName({ given: row.givenName, family: row.familyName }),
    birthDate: row.birthDate,
    mrn: row.mrn,
  }
}
