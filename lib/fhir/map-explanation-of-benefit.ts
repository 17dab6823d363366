import { insurerName } from './map-claim.ts'
import type { MapContext } from './map-context.ts'
import { startOf } from './partial-date.ts'
import type { ExplanationOfBenefitRow, PaymentRow } from './rows.ts'
import type { ExplanationOfBenefitResource } from './schema/financial.ts'

type Amount = 'submitted' | 'allowed' | 'paid' | 'patient'
type Adjudication = NonNullable<ExplanationOfBenefitResource['adjudication']>[number]

/**
 * Adjudication categories: HL7's (terminology.hl7.org/CodeSystem/adjudication), CARIN Blue Button's, and the CMS
 * variables that Synthea and Blue Button 2.0 send. What a patient owes is the sum of its kinds.
 */
const amountOfCategory = new Map<string, Amount>([
  ['submitted', 'submitted'],
  ['line_sbmtd_chrg_amt', 'submitted'],
  ['eligible', 'allowed'],
  ['line_alowd_chrg_amt', 'allowed'],
  ['benefit', 'paid'],
  ['paidtoprovider', 'paid'],
  ['line_nch_pmt_amt', 'paid'],
  ['line_prvdr_pmt_amt', 'paid'],
  ['copay', 'patient'],
  ['deductible', 'patient'],
  ['coinsurance', 'patient'],
  ['paidbypatient', 'patient'],
  ['memberliability', 'patient'],
  ['line_bene_ptb_ddctbl_amt', 'patient'],
  ['line_coinsrnc_amt', 'patient'],
])

/** FHIR ExplanationOfBenefit → phi.explanation_of_benefit. An amount nobody stated stays empty: nothing is worked out. */
export function mapExplanationOfBenefit(
  benefit: ExplanationOfBenefitResource,
  context: MapContext,
): ExplanationOfBenefitRow {
  const amounts = statedAmounts(benefit)
  return {
    id: context.id,
    patientId: context.patientId,
    claimId: context.rowId(benefit.claim, 'Claim'),
    status: benefit.status,
    createdOn: startOf(benefit.created),
    payerName: insurerName(benefit, context),
    outcome: benefit.outcome ?? null,
    submitted: amounts.get('submitted') ?? null,
    allowed: amounts.get('allowed') ?? null,
    insurerPaid: benefit.payment?.amount?.value ?? amounts.get('paid') ?? null,
    patientResponsibility: amounts.get('patient') ?? null,
    currency: currencyOf(benefit),
  }
}

/** ExplanationOfBenefit.payment → phi.payment, when the insurer paid anything. */
export function mapInsurerPayments(benefit: ExplanationOfBenefitResource, context: MapContext): PaymentRow[] {
  const amount = benefit.payment?.amount?.value
  const paidAt = startOf(benefit.payment?.date ?? benefit.created)
  if (!amount || amount < 0 || !paidAt) return []
  return [
    {
      id: context.partId('payment'),
      patientId: context.patientId,
      claimId: context.rowId(benefit.claim, 'Claim'),
      status: benefit.status,
      paidAt,
      payer: 'insurer',
      method: null,
      amount,
      currency: currencyOf(benefit),
      reference: benefit.payment?.identifier?.value?.trim() ?? null,
    },
  ]
}

/** Stated totals first; a kind of amount without a total is summed over the items. */
function statedAmounts(benefit: ExplanationOfBenefitResource): Map<Amount, number> {
  const totals = sums([...(benefit.total ?? []), ...(benefit.adjudication ?? [])])
  const items = sums((benefit.item ?? []).flatMap((item) => item.adjudication ?? []))
  return new Map([...items, ...totals])
}

function sums(adjudications: readonly Adjudication[]): Map<Amount, number> {
  const cents = new Map<Amount, number>()
  const seen = new Map<Amount, string>()
  for (const { category, amount } of adjudications) {
    const code = category?.coding?.find((coding) =>
      amountOfCategory.has(coding.code?.split('/').at(-1) ?? ''),
    )?.code
    const kind = amountOfCategory.get(code?.split('/').at(-1) ?? '')
    if (!kind || !code || amount?.value === undefined) continue
    // "benefit" and "paidtoprovider" are two words for one amount; the kinds of what a patient owes add up.
    if (kind !== 'patient' && (seen.get(kind) ?? code) !== code) continue
    seen.set(kind, code)
    cents.set(kind, (cents.get(kind) ?? 0) + Math.round(amount.value * 100))
  }
  return new Map([...cents].map(([kind, sum]) => [kind, sum / 100]))
}

function currencyOf(benefit: ExplanationOfBenefitResource): string | null {
  const amounts = [benefit.payment?.amount, ...(benefit.total ?? []).map((total) => total.amount)]
  return amounts.map((amount) => amount?.currency).find((currency) => currency !== undefined) ?? null
}
