/** Money is in whole cents everywhere; names and numbers identify the account, and no field is clinical. */
export type AccountIdentityView = {
  patientId: string
  name: string
  birthDate: string | null
  mrn: string | null
}

export type BalanceView = {
  chargedCents: number
  insurerPaidCents: number
  patientPaidCents: number
  /** decided by the insurer, or uninsured, and not paid yet; negative when overpaid */
  owedCents: number
  /** billed to the insurer, no decision yet */
  pendingCents: number
}

export type QueueRowView = AccountIdentityView & {
  balance: BalanceView
  openClaims: number
  newestClaimAt: string | null
}

export type QueueView = { rows: QueueRowView[]; next: string | null }

export type ClaimLineView = {
  id: string
  lineNumber: number
  servicedAt: string | null
  /** a kind of service such as "Office visit", never a clinical word */
  serviceCategory: string
  billingCode: string | null
  quantity: number | null
  netCents: number | null
}

export type ClaimView = {
  id: string
  claimNumber: string | null
  status: string
  kind: string | null
  payerName: string | null
  submittedAt: string | null
  totalCents: number
  insurerPaidCents: number
  patientShareCents: number | null
  patientPaidCents: number
  state: 'waiting for the insurer' | 'patient owes' | 'settled' | 'cancelled'
  lines: ClaimLineView[]
}

export type CoverageView = {
  id: string
  payerName: string | null
  planName: string | null
  memberId: string | null
  groupNumber: string | null
  subscriberName: string | null
  status: string
  startsOn: string | null
  endsOn: string | null
}

export type PaymentView = {
  id: string
  paidAt: string
  payer: string | null
  method: string | null
  amountCents: number
  reference: string | null
  status: string
}

export type AccountView = {
  identity: AccountIdentityView & { ssnLastFour: string | null; contacts: { kind: string; text: string }[] }
  balance: BalanceView
  coverages: CoverageView[]
  claims: ClaimView[]
  /** there are older claims than the ones shown */
  moreClaims: boolean
  payments: PaymentView[]
}
