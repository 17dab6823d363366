import 'server-only'

/** What a model of the record is called in everyday words; one that is not here is written as it is, in lower case. */
const abouts: Readonly<Record<string, string>> = {
  Patient: 'Who you are',
  PatientIdentifier: 'Record numbers',
  PatientContact: 'Contact',
  Coverage: 'Insurance',
  CareRelationship: 'Care team',
  RecordGrant: 'People with access',
  Encounter: 'Visits',
  Condition: 'Conditions',
  AllergyIntolerance: 'Allergies',
  MedicationRequest: 'Medicines',
  Immunization: 'Vaccines',
  DiagnosticReport: 'Laboratory reports',
  Observation: 'Results and vital signs',
  Procedure: 'Procedures',
  NoteVersion: 'Notes',
  DocumentReference: 'Documents',
  Claim: 'Claims',
  ClaimLine: 'Charges',
  ExplanationOfBenefit: 'Insurance decisions',
  Payment: 'Payments',
  Concern: 'What was reported',
  ConcernNote: 'Notes about what was reported',
  Disclosure: 'Disclosures',
  DisclosureSuspension: 'Requests for silence',
  AccountingRequest: 'Requests for an accounting',
}

const fieldNames: Readonly<Record<string, string>> = {
  mrn: 'record number',
  ssn: 'social security number',
  ssnLastFour: 'last four of the social security number',
  sex: 'sex',
  display: 'name',
  valueNumber: 'value as a number',
  deceasedAt: 'date of death',
  birthDate: 'birth date',
  kind: 'kind',
}

/**
 * The fields that a row of the trail lists, in words and by what they belong to. The trail holds names of fields, never
 * their values.
 * @param fields `{ Patient: ['familyName', …], … }`; anything else gives nothing
 */
export function fieldsInWords(fields: unknown): { about: string; fields: string[] }[] {
  if (typeof fields !== 'object' || fields === null) return []
  const models = Object.entries(fields).toSorted(([a], [b]) => order(a) - order(b))
  return models.flatMap(([model, names]) => {
    const known = Array.isArray(names) ? names.filter((name) => typeof name === 'string') : []
    return known.length === 0
      ? []
      : [{ about: abouts[model] ?? spaced(model), fields: known.map(fieldInWords) }]
  })
}

/** The database keeps no order of its own: who somebody is comes first, as in the table above. */
function order(model: string): number {
  const place = Object.keys(abouts).indexOf(model)
  return place === -1 ? Infinity : place
}

function fieldInWords(name: string): string {
  return fieldNames[name] ?? spaced(name)
}

/** "familyName" → "family name". */
function spaced(name: string): string {
  return name.replace(/([a-z])([A-Z])/g, '$1 $2').toLowerCase()
}
