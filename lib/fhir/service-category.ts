import { cvx, loinc, rxnorm } from './concept.ts'
import { encounterKind } from './map-encounter.ts'
import type { MapContext } from './map-context.ts'
import type { ClaimItem, ClaimResource } from './schema/financial.ts'
import type { Reference } from './schema/datatypes.ts'

/**
 * What the billing desk reads of a charge. None of them names a disease, a drug or a test: billing sees that there
 * was a laboratory service, not which (45 CFR 164.502(b), minimum necessary).
 */
export const serviceCategories = [
  'Office visit',
  'Telehealth visit',
  'Home visit',
  'Emergency visit',
  'Hospital service',
  'Laboratory service',
  'Imaging service',
  'Immunization service',
  'Procedure',
  'Pharmacy',
  'Dental service',
  'Vision service',
  'Other service',
] as const
export type ServiceCategory = (typeof serviceCategories)[number]

const byClaimType = new Map<string, ServiceCategory>([
  ['pharmacy', 'Pharmacy'],
  ['oral', 'Dental service'],
  ['vision', 'Vision service'],
])
const byEncounterKind = new Map<string, ServiceCategory>([
  ['Office visit', 'Office visit'],
  ['Telehealth visit', 'Telehealth visit'],
  ['Home visit', 'Home visit'],
  ['Emergency visit', 'Emergency visit'],
  ['Hospital stay', 'Hospital service'],
  ['Hospital observation', 'Hospital service'],
  ['Short stay', 'Hospital service'],
  ['Pre-admission', 'Hospital service'],
])
/** Ranges of CPT codes by their chapters (AMA): the first and last code of each. */
const byProcedureCode: readonly [first: number, last: number, category: ServiceCategory][] = [
  [90460, 90749, 'Immunization service'],
  [70010, 79999, 'Imaging service'],
  [80047, 89398, 'Laboratory service'],
  [99281, 99288, 'Emergency visit'],
  [99221, 99239, 'Hospital service'],
  [99341, 99350, 'Home visit'],
  [99091, 99499, 'Office visit'],
  [10004, 69990, 'Procedure'],
]
const cptSystems = ['http://www.ama-assn.org/go/cpt', 'urn:oid:2.16.840.1.113883.6.12']

/** The category of a charge, told from the claim's type, what the charge points to, its code, and the visit. */
export function serviceCategory(claim: ClaimResource, item: ClaimItem, context: MapContext): ServiceCategory {
  const claimType = claim.type?.coding?.map((coding) => byClaimType.get(coding.code ?? '')).find(Boolean)
  if (claimType) return claimType
  const codings = item.productOrService?.coding ?? []
  const inSystem = (system: string) => codings.some((coding) => coding.system === system)
  if (inSystem(cvx) || pointsTo(claim, item, context, 'Immunization')) return 'Immunization service'
  if (inSystem(loinc) || pointsTo(claim, item, context, 'Observation')) return 'Laboratory service'
  if (inSystem(rxnorm)) return 'Pharmacy'
  const cpt = codings.find((coding) => cptSystems.includes(coding.system ?? ''))?.code
  const chapter = byProcedureCode.find(([first, last]) => Number(cpt) >= first && Number(cpt) <= last)
  const visit = byEncounterKind.get(encounterKind(encounterOf(item, context)) ?? '')
  if (chapter) return chapter[2] === 'Office visit' && visit ? visit : chapter[2]
  if ((item.procedureSequence?.length ?? 0) > 0) return 'Procedure'
  return visit ?? 'Other service'
}

function encounterOf(item: ClaimItem, context: MapContext) {
  return context.resource(item.encounter?.[0], 'Encounter')
}

function pointsTo(
  claim: ClaimResource,
  item: ClaimItem,
  context: MapContext,
  type: 'Immunization' | 'Observation',
): boolean {
  const sequences = item.informationSequence ?? []
  const pointed: (Reference | undefined)[] = (claim.supportingInfo ?? [])
    .filter((info) => info.sequence !== undefined && sequences.includes(info.sequence))
    .map((info) => info.valueReference)
  return pointed.some((reference) => reference && context.resource(reference, type) !== null)
}
