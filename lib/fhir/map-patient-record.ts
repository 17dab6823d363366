import type { Resource, ResourceType, Resources } from './check-resource.ts'
import { mapAllergyIntolerance } from './map-allergy-intolerance.ts'
import { mapClaim, mapClaimLines } from './map-claim.ts'
import { mapCondition } from './map-condition.ts'
import type { MapContext } from './map-context.ts'
import { mapCoverage } from './map-coverage.ts'
import { mapDiagnosticReport, mapPresentedForms } from './map-diagnostic-report.ts'
import { mapDocumentReference } from './map-document-reference.ts'
import { mapEncounter } from './map-encounter.ts'
import { mapExplanationOfBenefit, mapInsurerPayments } from './map-explanation-of-benefit.ts'
import { mapImmunization } from './map-immunization.ts'
import { mapMedicationRequest } from './map-medication-request.ts'
import { mapObservation } from './map-observation.ts'
import { mapPatient } from './map-patient.ts'
import { mapPatientContacts, mapRelatedPerson } from './map-patient-contacts.ts'
import { mapPatientIdentifiers } from './map-patient-identifiers.ts'
import { mapProcedure } from './map-procedure.ts'
import { withdrawnContacts, withdrawnLines } from './withdrawn-parts.ts'
import type { PatientGroup } from './patient-groups.ts'
import type { RecordModelName, RecordRows } from './rows.ts'
import type { Reference } from './schema/datatypes.ts'
import { containedResource, type IndexedResource, type SourceIndex } from './source-index.ts'

export type RecordRowLists = { [M in RecordModelName]: RecordRows[M][] }

/** The rows of one patient, and which of them together are one resource. */
export type PatientRows = {
  rows: RecordRowLists
  /** Row of a part (a telephone, a line of a claim) → row of the resource that it came with. */
  partOf: Map<string, string>
  /** What rows become whose part is gone from the source; they matter only where they stand in the record. */
  withdrawn: Pick<RecordRowLists, 'patientContact' | 'claimLine'>
}

export type RecordIds = {
  /** The id of the row that a source's resource becomes; `type` also carries the part (`Claim.item[1]`). */
  rowId: (system: string, type: string, id: string) => string
  /** Rows that are in the record or the directory already, or will be when this run ends. */
  exists: (rowId: string) => boolean
}

const directoryTypes: readonly ResourceType[] = [
  'Practitioner',
  'PractitionerRole',
  'Organization',
  'Medication',
]

/** Turns everything a run has about one patient into rows, references resolved. `patientId` is the patient's row. */
export function mapPatientRecord(
  index: SourceIndex,
  group: PatientGroup,
  patientId: string,
  ids: RecordIds,
): PatientRows {
  const rows = emptyRows()
  const partOf = new Map<string, string>()
  const withdrawn: PatientRows['withdrawn'] = { patientContact: [], claimLine: [] }
  const own = new Map<IndexedResource, Resource>()
  for (const indexed of group.patient ? [group.patient, ...group.resources] : group.resources) {
    own.set(indexed, index.read(indexed))
  }
  const contexts = new Map([...own].map(([indexed, resource]) => [indexed, contextOf(indexed, resource)]))
  const reportOfResult = new Map<string, string>()
  for (const [indexed, resource] of own) {
    const context = contexts.get(indexed)
    if (resource.resourceType !== 'DiagnosticReport' || !context) continue
    for (const result of resource.result ?? []) {
      const observationId = context.rowId(result, 'Observation')
      if (observationId) reportOfResult.set(observationId, context.id)
    }
  }
  for (const [indexed, resource] of own) {
    const context = contexts.get(indexed)
    if (!context) continue
    addRows(rows, resource, context, reportOfResult)
    if (resource.resourceType === 'Patient')
      withdrawn.patientContact.push(...withdrawnContacts(resource, context))
    if (resource.resourceType === 'Claim') withdrawn.claimLine.push(...withdrawnLines(resource, context))
  }
  return { rows, partOf, withdrawn }

  function contextOf(indexed: IndexedResource, resource: Resource): MapContext {
    const find = <T extends ResourceType>(reference: Reference | undefined, type: T): Resources[T] | null => {
      if (reference?.reference?.startsWith('#'))
        return containedResource(resource, reference.reference.slice(1), type)
      const target = index.resolve(indexed, reference)
      if (target?.kind !== 'here' || target.resource.type !== type) return null
      if (!directoryTypes.includes(type) && !own.has(target.resource)) return null
      return (own.get(target.resource) ?? index.read(target.resource)) as Resources[T]
    }
    const rowIdOf = (
      from: IndexedResource,
      reference: Reference | undefined,
      type: ResourceType,
    ): string | null => {
      const target = index.resolve(from, reference)
      if (!target) return null
      if (target.kind === 'elsewhere') {
        if (target.type !== type) return null
        const candidates = target.systems.map((system) => ids.rowId(system, type, target.id))
        return candidates.find((id) => ids.exists(id)) ?? null
      }
      const found = target.resource
      if (type === 'Practitioner' && found.type === 'PractitionerRole') {
        const role = index.read(found)
        return role.resourceType === 'PractitionerRole' ? rowIdOf(found, role.practitioner, type) : null
      }
      if (found.type !== type) return null
      const id = ids.rowId(found.system, found.type, found.id)
      return own.has(found) || ids.exists(id) ? id : null
    }
    const id = indexed.type === 'Patient' ? patientId : ids.rowId(indexed.system, indexed.type, indexed.id)
    return {
      id,
      patientId,
      partId: (part) => {
        const partId = ids.rowId(indexed.system, `${indexed.type}.${part}`, indexed.id)
        partOf.set(partId, id)
        return partId
      },
      rowId: (reference, type) => rowIdOf(indexed, reference, type),
      resource: find,
    }
  }
}

function addRows(
  rows: RecordRowLists,
  resource: Resource,
  context: MapContext,
  reportOfResult: Map<string, string>,
) {
  switch (resource.resourceType) {
    case 'Patient':
      rows.patient.push(mapPatient(resource, context))
      rows.patientIdentifier.push(...mapPatientIdentifiers(resource, context))
      rows.patientContact.push(...mapPatientContacts(resource, context))
      break
    case 'RelatedPerson':
      rows.patientContact.push(...mapRelatedPerson(resource, context))
      break
    case 'Coverage':
      rows.coverage.push(mapCoverage(resource, context))
      break
    case 'Encounter':
      rows.encounter.push(mapEncounter(resource, context))
      break
    case 'Condition':
      rows.condition.push(mapCondition(resource, context))
      break
    case 'AllergyIntolerance':
      rows.allergyIntolerance.push(mapAllergyIntolerance(resource, context))
      break
    case 'MedicationRequest':
      rows.medicationRequest.push(mapMedicationRequest(resource, context))
      break
    case 'Immunization':
      rows.immunization.push(mapImmunization(resource, context))
      break
    case 'Observation':
      rows.observation.push(mapObservation(resource, context, reportOfResult.get(context.id) ?? null))
      break
    case 'DiagnosticReport':
      rows.diagnosticReport.push(mapDiagnosticReport(resource, context))
      rows.documentReference.push(...mapPresentedForms(resource, context))
      break
    case 'Procedure':
      rows.procedure.push(mapProcedure(resource, context))
      break
    case 'DocumentReference':
      rows.documentReference.push(...mapDocumentReference(resource, context))
      break
    case 'Claim':
      rows.claim.push(mapClaim(resource, context))
      rows.claimLine.push(...mapClaimLines(resource, context))
      break
    case 'ExplanationOfBenefit':
      rows.explanationOfBenefit.push(mapExplanationOfBenefit(resource, context))
      rows.payment.push(...mapInsurerPayments(resource, context))
      break
    case 'Practitioner':
    case 'PractitionerRole':
    case 'Organization':
    case 'Medication':
      break
  }
}

function emptyRows(): RecordRowLists {
  return {
    patient: [],
    patientIdentifier: [],
    patientContact: [],
    coverage: [],
    encounter: [],
    condition: [],
    allergyIntolerance: [],
    medicationRequest: [],
    immunization: [],
    diagnosticReport: [],
    observation: [],
    procedure: [],
    documentReference: [],
    claim: [],
    claimLine: [],
    explanationOfBenefit: [],
    payment: [],
  }
}
