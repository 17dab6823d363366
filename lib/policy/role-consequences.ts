import type { Action, Relation } from './access.ts'
import { roleNames, type PersonRole } from './roles.ts'
import { rules, type Rule } from './rules.ts'
import { viewFields, views, type ViewName } from './views.ts'

/** One page or part of a record that a role opens, in plain words. */
export type RecordPower = {
  view: ViewName
  /** what it shows */
  about: string
  /** such as "look, print" */
  verbs: string[]
  /** whose, and when: "patients in their care; in an emergency, for an hour" */
  whose: string
}

/** What giving somebody a role means, for whoever gives it. */
export type RoleConsequences = {
  role: PersonRole
  name: string
  records: RecordPower[]
  /** what the role does beside records, and which kinds of notes it reads */
  duties: readonly string[]
  /** what none of its views shows */
  never: string[]
}

/** What a role may do, generated from the rules that the database decides by; only the duties are written down here. */
export function consequencesOf(role: PersonRole): RoleConsequences {
  const own = rules.filter((rule) => rule.role === role)
  const shown = [...new Set(own.map(({ view }) => view))]
  return {
    role,
    name: roleNames[role],
    records: shown.map((view) => powerOf(view, own.filter((rule) => rule.view === view))), // prettier-ignore
    duties: duties[role],
    never: neverOf(shown),
  }
}

/** What somebody gains and loses who gets another role; a line for each page and each duty. */
export function roleChange(from: PersonRole, to: PersonRole): { gains: string[]; loses: string[] } {
  const [before, after] = [linesOf(consequencesOf(from)), linesOf(consequencesOf(to))]
  return {
    gains: after.filter((line) => !before.includes(line)),
    loses: before.filter((line) => !after.includes(line)),
  }
}

/** A role as lines of text, the same words for the same power. */
function linesOf({ records, duties: own }: RoleConsequences): string[] {
  return [...records.map(({ about, verbs, whose }) => `${about} (${verbs.join(', ')}; ${whose})`), ...own]
}

const verbs: Record<Action, string> = {
  READ: 'look',
  CREATE: 'add',
  UPDATE: 'change',
  DELETE: 'discard',
  SEARCH: 'search',
  EXPORT: 'download',
  PRINT: 'print',
  DISCLOSE: 'hand out',
}

const whoseWords: Record<Relation, string> = {
  self: 'their own record',
  proxy: 'records of people they act for, the parts that were granted',
  care: 'patients in their care',
  emergency: 'in an emergency, for an hour, and reviewed',
  organisation: 'every patient of the clinic',
  new: 'people who are not patients yet',
  service: 'automatic jobs',
}

function powerOf(view: ViewName, own: readonly Rule[]): RecordPower {
  const relations = [...new Set(own.flatMap((rule) => rule.relations))]
  const fresh = own.some((rule) => rule.stepUpSeconds !== undefined)
  return {
    view,
    about: views[view].about,
    verbs: own.map(({ action }) => verbs[action]),
    whose:
      relations.map((relation) => whoseWords[relation]).join('; ') +
      (fresh ? '; with a fresh second factor' : ''),
  }
}

/** Beside records. Notes of a class are kept apart by row security (policies class_nurse and class_clinician). */
const duties: Record<PersonRole, readonly string[]> = {
  patient: [],
  proxy: [],
  nurse: ['Reads and writes clinical notes, and no others'],
  clinician: ['Reads and writes clinical, mental-health and substance-use notes', 'Reads the psychotherapy notes that they wrote themselves'],
  billing: [],
  compliance: [
    'Searches the trail of who opened which record, and takes exports of it',
    'Reviews emergency accesses, cases and staff’s access',
    'Is asked when a record is to be destroyed, or part of the trail archived',
  ],
  admin: [
    'Invites staff, changes roles, closes and reopens accounts',
    'Sees and ends sessions of staff',
    'Looks after encryption keys, settings of the sign-in, and letters that were not delivered',
  ],
} // prettier-ignore

const clinical = [
  'Condition',
  'AllergyIntolerance',
  'MedicationRequest',
  'Observation',
  'NoteVersion',
  'Encounter',
]
const money = ['Claim', 'ClaimLine', 'Payment', 'Coverage', 'ExplanationOfBenefit']

function neverOf(shown: readonly ViewName[]): string[] {
  const models = new Set(shown.flatMap((view) => Object.keys(viewFields(view))))
  const none = (names: readonly string[]): boolean => names.every((name) => !models.has(name))
  if (shown.length === 0) return ['Sees no patient at all, not even a name']
  return [
    ...(models.has('Patient') ? [] : ['Sees no name and no birth date of a record']),
    ...(none(clinical) ? ['Sees nothing of anybody’s health'] : []),
    ...(none(money) ? ['Sees no charges, insurance or payments'] : []),
  ]
}
