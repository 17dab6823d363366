/** What is done to a record (column `action_type` of the trail). */
export const actions = [
  'READ',
  'CREATE',
  'UPDATE',
  'DELETE',
  'SEARCH',
  'EXPORT',
  'PRINT',
  'DISCLOSE',
] as const
export type Action = (typeof actions)[number]

/** Why a record is opened: HL7 v3 PurposeOfUse. */
export const purposes = ['TREAT', 'HPAYMT', 'HOPERAT', 'PATRQT', 'ETREAT'] as const
export type Purpose = (typeof purposes)[number]

export const purposeNames: Record<Purpose, string> = {
  TREAT: 'treatment',
  HPAYMT: 'payment',
  HOPERAT: 'running the clinic',
  PATRQT: 'patient request',
  ETREAT: 'emergency treatment',
}

/**
 * How a person stands to a patient, in the order in which the database tries them:
 * `self` the record is theirs · `proxy` the patient granted this part · `care` they or their team care for the patient ·
 * `emergency` they broke the glass for this patient, less than an hour ago · `organisation` any patient of the clinic · `new` the patient does not exist yet · `service` a job.
 */
export const relations = ['self', 'proxy', 'care', 'emergency', 'organisation', 'new', 'service'] as const
export type Relation = (typeof relations)[number]

/** Parts of a record that a patient can grant to a proxy one by one. */
export const parts = ['results', 'summary', 'notes', 'billing', 'access-log'] as const
export type Part = (typeof parts)[number]

/** Why an admission was refused (column `reason` of a DENIED row). */
export type DenyReason =
  | 'no-session'
  | 'session-idle'
  | 'session-expired'
  | 'session-ended'
  | 'session-locked'
  | 'no-policy'
  | 'no-relation'
  | 'fields-outside-view'
  | 'purpose-not-allowed'
  | 'step-up-needed'
  /** an emergency search by less than a record number, or than family name, given name and birth date */
  | 'search-too-wide'
  /** more emergency searches in an hour than anybody needs */
  | 'too-many-searches'
  /** its keys were destroyed for good; told only to those who stand in a relation to the patient */
  | 'record-destroyed'
