/**
 * What the mappers make: plain inputs named by the Prisma models and their fields, with the values that the door's
 * client takes (a number where the registry says number, a plain object where it says json).
 * `source_digest`, version and the four columns of who and when are not a mapper's business.
 */
type JsonScalar = string | number | boolean | null
export type Json = JsonScalar | { readonly [key: string]: Json } | readonly Json[]

export type PatientRow = {
  id: string
  active: boolean
  mrn: string | null
  familyName: string
  givenName: string | null
  preferredName: string | null
  namePrefix: string | null
  nameSuffix: string | null
  birthDate: string | null
  sex: string | null
  genderIdentity: string | null
  pronouns: string | null
  ssn: string | null
  ssnLastFour: string | null
  maritalStatus: string | null
  language: string | null
  race: string | null
  ethnicity: string | null
  deceasedAt: string | null
}

type Owned = { id: string; patientId: string }
type InVisit = Owned & { encounterId: string | null }
type Coded = { codeSystem: string | null; code: string | null; display: string }

export type PatientIdentifierRow = Owned & { kind: string; system: string | null; value: string }
export type PatientContactRow = Owned & {
  /** phone | email | fax | pager | url | sms | other | address | person */
  kind: string
  use: string | null
  rank: number | null
  value: string | null
  address: Json
  personName: string | null
  relationship: string | null
}
export type CoverageRow = Owned & {
  status: string
  startsOn: Date | null
  endsOn: Date | null
  payerName: string | null
  planName: string | null
  memberId: string | null
  groupNumber: string | null
  kind: string | null
  relationship: string | null
  subscriberName: string | null
}
export type EncounterRow = Owned & {
  status: string
  startedAt: Date | null
  endedAt: Date | null
  practitionerId: string | null
  organizationId: string | null
  kind: string | null
  code: string | null
  display: string | null
  reason: string | null
  location: string | null
}
export type ConditionRow = InVisit &
  Coded & {
    clinicalStatus: string | null
    verificationStatus: string | null
    onsetAt: Date | null
    abatedAt: Date | null
    recordedAt: Date | null
    category: string | null
    severity: string | null
    onsetText: string | null
    note: string | null
  }
export type AllergyIntoleranceRow = Owned &
  Coded & {
    clinicalStatus: string | null
    verificationStatus: string | null
    recordedAt: Date | null
    kind: string | null
    category: string | null
    criticality: string | null
    reactions: Json
    note: string | null
  }
export type MedicationRequestRow = InVisit &
  Coded & {
    practitionerId: string | null
    status: string
    authoredAt: Date | null
    endsAt: Date | null
    intent: string | null
    dosage: string | null
    reason: string | null
    refillsRemaining: number | null
    quantity: string | null
  }
export type ImmunizationRow = InVisit &
  Coded & {
    practitionerId: string | null
    status: string
    occurredAt: Date | null
    lotNumber: string | null
    site: string | null
    doseNumber: string | null
    note: string | null
  }
export type DiagnosticReportRow = InVisit &
  Coded & {
    practitionerId: string | null
    status: string
    effectiveAt: Date | null
    issuedAt: Date | null
    category: string | null
    conclusion: string | null
    performer: string | null
  }
export type ObservationKind = 'laboratory' | 'vital-signs' | 'other'
export type ObservationRow = InVisit &
  Coded & {
    diagnosticReportId: string | null
    practitionerId: string | null
    kind: ObservationKind
    status: string
    effectiveAt: Date | null
    issuedAt: Date | null
    value: string | null
    valueNumber: number | null
    unit: string | null
    interpretation: string | null
    referenceLow: number | null
    referenceHigh: number | null
    referenceText: string | null
    /** {@link ObservationComponentValue} each, or null when there are none */
    components: Json
    method: string | null
    performer: string | null
    note: string | null
  }
/** One part of a result that has several, such as the systolic pressure; a member of `ObservationRow.components`. */
export type ObservationComponentValue = Coded & {
  value: string | null
  valueNumber: number | null
  unit: string | null
  interpretation: string | null
  referenceLow: number | null
  referenceHigh: number | null
  referenceText: string | null
}
export type ProcedureRow = InVisit &
  Coded & {
    status: string
    performedAt: Date | null
    performedUntil: Date | null
    reason: string | null
    note: string | null
  }
export type DocumentReferenceRow = InVisit & {
  status: string
  writtenAt: Date | null
  kind: string | null
  title: string | null
  contentType: string | null
  content: Uint8Array | null
  location: string | null
  author: string | null
}
export type ClaimRow = InVisit & {
  status: string
  billableFrom: Date | null
  billableTo: Date | null
  submittedAt: Date | null
  claimNumber: string | null
  kind: string | null
  payerName: string | null
  /** in units of `currency` (dollars, not cents) */
  total: number | null
  currency: string | null
  diagnosisCodes: Json
}
export type ClaimLineRow = Owned & {
  claimId: string
  lineNumber: number
  servicedAt: Date | null
  /** words for the billing desk that name no disease, drug or test */
  serviceCategory: string
  billingCode: string | null
  quantity: number | null
  unitPrice: number | null
  net: number | null
  serviceCode: string | null
  serviceDisplay: string | null
}
export type ExplanationOfBenefitRow = Owned & {
  claimId: string | null
  status: string
  createdOn: Date | null
  payerName: string | null
  outcome: string | null
  submitted: number | null
  allowed: number | null
  insurerPaid: number | null
  patientResponsibility: number | null
  currency: string | null
}
export type PaymentRow = Owned & {
  claimId: string | null
  status: string
  paidAt: Date
  payer: string | null
  method: string | null
  amount: number
  currency: string | null
  reference: string | null
}

export type PractitionerRow = { id: string; displayName: string; specialty: string | null }
export type OrganizationRow = { id: string; name: string }

/** Rows of one patient, by the Prisma model that they go into. */
export type RecordRows = {
  patient: PatientRow
  patientIdentifier: PatientIdentifierRow
  patientContact: PatientContactRow
  coverage: CoverageRow
  encounter: EncounterRow
  condition: ConditionRow
  allergyIntolerance: AllergyIntoleranceRow
  medicationRequest: MedicationRequestRow
  immunization: ImmunizationRow
  diagnosticReport: DiagnosticReportRow
  observation: ObservationRow
  procedure: ProcedureRow
  documentReference: DocumentReferenceRow
  claim: ClaimRow
  claimLine: ClaimLineRow
  explanationOfBenefit: ExplanationOfBenefitRow
  payment: PaymentRow
}
export type RecordModelName = keyof RecordRows
