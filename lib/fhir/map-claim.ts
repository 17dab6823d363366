import { readConcept } from './concept.ts'
import type { MapContext } from './map-context.ts'
import { payerName } from './map-coverage.ts'
import { startOf } from './partial-date.ts'
import { serviceCategory } from './service-category.ts'
import type { ClaimLineRow, ClaimRow, Json } from './rows.ts'
import type { ClaimItem, ClaimResource } from './schema/financial.ts'
import type { Reference } from './schema/datatypes.ts'

/** Code systems that a bill is written in; a code of any other system is a clinical one. */
const billingSystems = [
  'http://www.ama-assn.org/go/cpt',
  'urn:oid:2.16.840.1.113883.6.12',
  'https://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets',
  'http://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets',
  'urn:oid:2.16.840.1.113883.6.285',
  'https://www.nubc.org/CodeSystem/RevenueCodes',
]
const kindOfType = new Map([
  ['institutional', 'Institutional'],
  ['professional', 'Professional'],
  ['pharmacy', 'Pharmacy'],
  ['oral', 'Dental'],
  ['vision', 'Vision'],
])

/** FHIR Claim → phi.claim. Money is in units of the currency; diagnoses stand apart from what billing reads. */
export function mapClaim(claim: ClaimResource, context: MapContext): ClaimRow {
  const encounter = claim.item?.flatMap((item) => item.encounter ?? [])[0]
  return {
    id: context.id,
    patientId: context.patientId,
    encounterId: context.rowId(encounter, 'Encounter'),
    status: claim.status,
    billableFrom: startOf(claim.billablePeriod?.start),
    billableTo: startOf(claim.billablePeriod?.end),
    submittedAt: startOf(claim.created),
    claimNumber: claim.identifier?.find((one) => one.value)?.value?.trim() ?? null,
    kind: claim.type?.coding?.map((coding) => kindOfType.get(coding.code ?? '')).find(Boolean) ?? null,
    payerName: insurerName(claim, context),
    total: claim.total?.value ?? null,
    currency: claim.total?.currency ?? null,
    diagnosisCodes: diagnosisCodes(claim, context),
  }
}

/**
 * Claim.item → phi.claim_line. An item that only repeats a diagnosis is no charge and makes no line. Where exactly one
 * charge has no amount it takes what the others leave of the total (Synthea prices the visit this way).
 */
export function mapClaimLines(claim: ClaimResource, context: MapContext): ClaimLineRow[] {
  const charges = (claim.item ?? []).filter(isCharge)
  const unpriced = charges.filter((item) => amountOf(item) === null)
  const priced = charges.reduce((sum, item) => sum + (amountOf(item) ?? 0), 0)
  const remainder =
    unpriced.length === 1 && claim.total?.value !== undefined
      ? Math.round((claim.total.value - priced) * 100) / 100
      : null
  return charges.map((item, index) => {
    const clinical = readConcept(item.productOrService)
    const billing = item.productOrService?.coding?.find((coding) =>
      billingSystems.includes(coding.system ?? ''),
    )
    return {
      id: context.partId(`item[${item.sequence ?? index + 1}]`),
      patientId: context.patientId,
      claimId: context.id,
      lineNumber: index + 1,
      servicedAt: startOf(item.servicedDate ?? item.servicedPeriod?.start ?? claim.billablePeriod?.start),
      serviceCategory: serviceCategory(claim, item, context),
      billingCode: billing?.code ?? null,
      quantity: item.quantity?.value ?? null,
      unitPrice: item.unitPrice?.value ?? null,
      net: amountOf(item) ?? (remainder !== null && remainder >= 0 ? remainder : null),
      serviceCode: clinical?.code ?? null,
      serviceDisplay: clinical?.display ?? null,
    }
  })
}

function isCharge(item: ClaimItem): boolean {
  return (
    amountOf(item) !== null ||
    (item.diagnosisSequence?.length ?? 0) === 0 ||
    (item.procedureSequence?.length ?? 0) > 0
  )
}

function amountOf(item: ClaimItem): number | null {
  if (item.net?.value !== undefined) return item.net.value
  if (item.unitPrice?.value === undefined) return null
  return Math.round(item.unitPrice.value * (item.quantity?.value ?? 1) * 100) / 100
}

/** Who pays, from the focal insurance: the coverage's payor, else the words of the reference. */
export function insurerName(
  claim: {
    insurer?: Reference | undefined
    insurance?: { focal?: boolean | undefined; coverage?: Reference | undefined }[] | undefined
  },
  context: MapContext,
): string | null {
  const insurance = claim.insurance?.find((one) => one.focal) ?? claim.insurance?.[0]
  const coverage = context.resource(insurance?.coverage, 'Coverage')
  return (
    payerName(coverage?.payor, context) ??
    payerName(claim.insurer ? [claim.insurer] : undefined, context) ??
    (insurance?.coverage?.display?.trim() || null)
  )
}

function diagnosisCodes(claim: ClaimResource, context: MapContext): Json {
  const codes = (claim.diagnosis ?? []).map((diagnosis) =>
    readConcept(
      diagnosis.diagnosisCodeableConcept ?? context.resource(diagnosis.diagnosisReference, 'Condition')?.code,
    ),
  )
  const known = codes.filter((code) => code !== null)
  return known.length > 0 ? known : null
}
