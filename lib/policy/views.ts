import type { Part } from './access.ts'

/**
 * A view is a named, declared set of fields by model: the minimum-necessary rule (45 CFR 164.502(b)) as a table that a
 * compliance officer can read. A unit of work names one view; the database admits no field outside it, and the
 * encryption layer decrypts no field outside it. Models and fields are those of prisma/schema.prisma; only fields that
 * hold patients' data are listed (ids, references, times and status come with every row).
 */
type View = {
  readonly part: Part
  readonly about: string
  readonly fields: Readonly<Record<string, readonly string[]>>
}

const names = ['familyName', 'givenName', 'preferredName', 'namePrefix', 'nameSuffix'] as const
const identity = [...names, 'birthDate', 'sex', 'pronouns', 'mrn', 'deceasedAt'] as const
const result = [
  'codeSystem', 'code', 'display', 'value', 'valueNumber', 'unit', 'interpretation', 'referenceLow', 'referenceHigh',
  'referenceText', 'components', 'previousValue', 'method', 'performer', 'note',
] as const // prettier-ignore
const report = ['category', 'code', 'display', 'conclusion', 'performer'] as const
const visit = ['kind', 'code', 'display', 'reason', 'location'] as const
const condition = ['category', 'severity', 'codeSystem', 'code', 'display', 'onsetText', 'note'] as const
const allergy = [
  'kind',
  'category',
  'criticality',
  'codeSystem',
  'code',
  'display',
  'reactions',
  'note',
] as const
/** What the banner of a chart says of allergies on every page. */
const allergyWord = ['kind', 'criticality', 'display'] as const
const medication = [
  'intent',
  'codeSystem',
  'code',
  'display',
  'dosage',
  'reason',
  'refillsRemaining',
  'quantity',
] as const
const vaccine = ['codeSystem', 'code', 'display', 'lotNumber', 'site', 'doseNumber', 'note'] as const
const procedure = ['codeSystem', 'code', 'display', 'reason', 'note'] as const
const noteText = ['title', 'body', 'reason', 'authorName'] as const
const contact = ['kind', 'use', 'rank', 'value', 'address', 'personName', 'relationship'] as const
const coverage = [
  'payerName',
  'planName',
  'memberId',
  'groupNumber',
  'kind',
  'relationship',
  'subscriberName',
] as const
const claim = ['claimNumber', 'kind', 'payerName', 'total', 'currency'] as const
const claimLine = ['serviceCategory', 'billingCode', 'quantity', 'unitPrice', 'net'] as const
const decision = [
  'payerName',
  'outcome',
  'submitted',
  'allowed',
  'insurerPaid',
  'patientResponsibility',
  'currency',
] as const
const payment = ['payer', 'method', 'amount', 'currency', 'reference'] as const

/** What is told of a disclosure (164.528(b)(2)). */
const disclosure = ['basis', 'recipientName', 'recipientAddress', 'what', 'purpose'] as const

/** All that a record holds. */
const everything = {
  Patient: [
    ...identity,
    'genderIdentity',
    'ssn',
    'ssnLastFour',
    'maritalStatus',
    'language',
    'race',
    'ethnicity',
  ],
  PatientIdentifier: ['kind', 'system', 'value'],
  PatientContact: [...contact],
  Coverage: [...coverage],
  CareRelationship: ['reason'],
  RecordGrant: ['relationship'],
  Encounter: [...visit],
  Condition: [...condition],
  AllergyIntolerance: [...allergy],
  MedicationRequest: [...medication],
  Immunization: [...vaccine],
  DiagnosticReport: [...report, 'codeSystem'],
  Observation: [...result],
  Procedure: [...procedure],
  NoteVersion: [...noteText],
  DocumentReference: ['kind', 'title', 'contentType', 'content', 'location', 'author'],
  Claim: [...claim, 'diagnosisCodes'],
  ClaimLine: [...claimLine, 'serviceCode', 'serviceDisplay'],
  ExplanationOfBenefit: [...decision],
  Payment: [...payment],
} as const

/** What patients report and ask for, and the ledger of disclosures. */
const rights = {
  Concern: ['entry', 'body', 'contact', 'answer'],
  ConcernNote: ['body'],
  Disclosure: [...disclosure, 'correctionReason'],
  DisclosureSuspension: ['authority', 'statement'],
  AccountingRequest: ['extensionReason'],
} as const

export const views = {
  // The patient's own pages, and a proxy's as far as the part was granted.
  'my-home': {
    part: 'results',
    about: 'Home: name to greet by, newest results with their flags',
    fields: { Patient: [...names], Observation: [...result], DiagnosticReport: [...report] },
  },
  'my-results': {
    part: 'results',
    about: 'List of laboratory results',
    fields: { Patient: [...names], Observation: [...result], DiagnosticReport: [...report] },
  },
  'my-result': {
    part: 'results',
    about: 'One result with its range and earlier results of the same test',
    fields: { Patient: [...names, 'birthDate'], Observation: [...result], DiagnosticReport: [...report] },
  },
  'my-summary': {
    part: 'summary',
    about: 'Conditions, allergies, medicines, vaccines, vital signs',
    fields: {
      Patient: [...names, 'birthDate'],
      Condition: [...condition],
      AllergyIntolerance: [...allergy],
      MedicationRequest: [...medication],
      Immunization: [...vaccine],
      Observation: [...result],
    },
  },
  'my-notes': {
    part: 'notes',
    about: 'List of visit notes',
    fields: { Patient: [...names], NoteVersion: [...noteText], Encounter: [...visit] },
  },
  'my-note': {
    part: 'notes',
    about: 'One visit note with its versions',
    fields: { Patient: [...names, 'birthDate'], NoteVersion: [...noteText], Encounter: [...visit] },
  },
  'my-access-log': { part: 'access-log', about: 'Who looked at my record', fields: { Patient: [...names] } },
  'my-concerns': {
    part: 'access-log',
    about: 'Accesses that the patient or a proxy did not recognise, and the answers',
    fields: { Patient: [...names], Concern: ['entry', 'body', 'contact', 'answer'] },
  },
  'my-disclosures': {
    part: 'access-log',
    about: 'Disclosures outside the clinic, and asking for an accounting of them',
    fields: {
      Patient: [...names, 'birthDate'],
      Disclosure: [...disclosure],
      AccountingRequest: ['extensionReason'],
    },
  },

  // Care.
  'care-worklist': {
    part: 'summary',
    about: 'Worklist: who the patients are and which results wait for review',
    fields: { Patient: [...identity], Observation: [...result] },
  },
  'patient-search': {
    part: 'summary',
    about: 'Finding a patient',
    fields: { Patient: [...identity, 'ssnLastFour'] },
  },
  'patient-registration': {
    part: 'summary',
    about: 'Registering a patient and the care team',
    fields: {
      Patient: [...identity, 'genderIdentity', 'ssn', 'ssnLastFour', 'language'],
      PatientContact: [...contact],
      PatientIdentifier: ['kind', 'system', 'value'],
      CareRelationship: ['reason'],
    },
  },
  'care-team': {
    part: 'summary',
    about: 'Who cares for a patient',
    fields: {
      Patient: [...identity],
      AllergyIntolerance: [...allergyWord],
      CareRelationship: ['reason'],
    },
  },
  'portal-access': {
    part: 'summary',
    about: 'Handing out a patient’s login, and handing it out again when everything was lost',
    fields: {
      Patient: [...identity],
      AllergyIntolerance: [...allergyWord],
      PatientContact: ['kind', 'value', 'address'],
    },
  },
  'chart-summary': {
    part: 'summary',
    about: 'Chart: identity banner, problems, medicines, allergies, latest vital signs and results, visits',
    fields: {
      Patient: [...identity],
      Encounter: [...visit],
      Condition: [...condition],
      AllergyIntolerance: [...allergy],
      MedicationRequest: [...medication],
      Immunization: [...vaccine],
      Procedure: [...procedure],
      Observation: [...result],
    },
  },
  'chart-results': {
    part: 'results',
    about: 'Chart: laboratory results and their trends, and marking them reviewed',
    fields: {
      Patient: [...identity],
      AllergyIntolerance: [...allergyWord],
      Observation: [...result],
      DiagnosticReport: [...report],
    },
  },
  'chart-vitals': {
    part: 'summary',
    about: 'Chart: vital signs and their trends',
    fields: {
      Patient: [...identity],
      AllergyIntolerance: [...allergyWord],
      Observation: [...result],
    },
  },
  'vitals-entry': {
    part: 'summary',
    about: 'Recording vital signs',
    fields: { Patient: [...identity], Observation: [...result] },
  },
  'chart-notes': {
    part: 'notes',
    about: 'Chart: notes with their versions',
    fields: {
      Patient: [...identity],
      AllergyIntolerance: [...allergyWord],
      Encounter: [...visit],
      NoteVersion: [...noteText],
    },
  },
  'note-writing': {
    part: 'notes',
    about: 'Drafting, signing and amending a note',
    fields: { Patient: [...identity], NoteVersion: [...noteText] },
  },

  // Billing: money, and not one clinical word.
  'billing-queue': {
    part: 'billing',
    about: 'Work queue: accounts with open claims',
    fields: {
      Patient: [...names, 'birthDate', 'mrn'],
      Claim: [...claim],
      ExplanationOfBenefit: [...decision],
      Payment: [...payment],
    },
  },
  'billing-account': {
    part: 'billing',
    about: 'One account: charges, claims, insurance, payments',
    fields: {
      Patient: [...names, 'birthDate', 'mrn', 'ssnLastFour'],
      PatientContact: [...contact],
      Coverage: [...coverage],
      Claim: [...claim],
      ClaimLine: [...claimLine],
      ExplanationOfBenefit: [...decision],
      Payment: [...payment],
    },
  },
  'billing-ssn': {
    part: 'billing',
    about: 'The full social security number, after a fresh second factor',
    fields: { Patient: ['familyName', 'givenName', 'ssn', 'ssnLastFour'] },
  },

  // Compliance finds a patient and sees an opaque reference: no field at all.
  'patient-picker': { part: 'access-log', about: 'Finding a patient for an audit search', fields: {} },

  // What patients report and ask for. The only fields of a record that compliance sees are those written to or by it.
  'concern-work': {
    part: 'access-log',
    about: 'Answering what a patient reported about an access',
    fields: { Concern: ['entry', 'body', 'contact', 'answer'], ConcernNote: ['body'] },
  },
  'disclosure-ledger': {
    part: 'access-log',
    about: 'The ledger of disclosures of a patient, and requests for an accounting of it',
    fields: {
      Disclosure: [...disclosure, 'correctionReason'],
      DisclosureSuspension: ['authority', 'statement'],
      AccountingRequest: ['extensionReason'],
    },
  },
  // The same for a nurse or clinician who is about to break the glass.
  'emergency-search': {
    part: 'summary',
    about: 'Finding a patient of another team in an emergency',
    fields: {},
  },

  // Jobs.
  import: { part: 'summary', about: 'Import of FHIR R4 resources', fields: everything },
  'key-rotation': {
    part: 'summary',
    about: 'Re-encryption of a record under a new key, and checking that no ciphertext was exchanged',
    fields: { ...everything, ...rights },
  },
  'search-index': {
    part: 'summary',
    about: 'Renewal of the keyed tokens that a patient is found by',
    fields: {
      Patient: ['familyName', 'givenName', 'preferredName', 'birthDate', 'mrn'],
      PatientContact: ['kind', 'value'],
      Observation: ['code'],
    },
  },
  'key-shredding': {
    part: 'summary',
    about: 'Removal of the tokens of a patient whose key was destroyed',
    fields: {},
  },
} as const satisfies Record<string, View>

export type ViewName = keyof typeof views

/** The declared fields of a view, by model. */
export function viewFields(view: ViewName): Readonly<Record<string, readonly string[]>> {
  return views[view].fields
}
