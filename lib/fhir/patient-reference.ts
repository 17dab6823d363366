import type { Resource } from './check-resource.ts'
import type { Reference } from './schema/datatypes.ts'

/** Whose resource it is: FHIR says so in `subject`, `patient` or `beneficiary`. Null for the directory's types. */
export function patientReference(resource: Resource): Reference | null {
  switch (resource.resourceType) {
    case 'Patient':
    case 'Practitioner':
    case 'PractitionerRole':
    case 'Organization':
    case 'Medication':
      return null
    case 'Coverage':
      return resource.beneficiary
    case 'RelatedPerson':
    case 'AllergyIntolerance':
    case 'Immunization':
    case 'Claim':
    case 'ExplanationOfBenefit':
      return resource.patient
    case 'Encounter':
    case 'Condition':
    case 'MedicationRequest':
    case 'Observation':
    case 'DiagnosticReport':
    case 'Procedure':
    case 'DocumentReference':
      // R4 lets an observation be of nobody; one without a patient has no place in a record and is counted.
      return resource.subject ?? {}
  }
}
