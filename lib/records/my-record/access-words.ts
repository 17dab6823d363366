import 'server-only'

import { purposeNames, type Purpose } from '#lib/policy/access.ts'
import { roleNames, type Role } from '#lib/policy/roles.ts'
import type { ViewName } from '#lib/policy/views.ts'

/** How what happens under a view is told. Each text goes on after "Opened …" or "Tried to open …"; `{you}` and `{your}` are
 * the patient, whoever reads it. */
type ViewWords = {
  /** What is opened. */
  part: string
  /** What it holds, where the name does not say it. */
  holds?: string
  /** Actions that are more than opening: what was done, and the same as an attempt. */
  done?: Partial<Record<'CREATE' | 'UPDATE' | 'DELETE' | 'SEARCH', readonly [done: string, tried: string]>>
}

/** Every view of the policy in everyday words; a new view without words does not compile. */
const words: Record<ViewName, ViewWords> = {
  'my-home': { part: 'the home page', holds: 'names of new test results' },
  'my-results': { part: 'the list of test results' },
  'my-result': { part: 'a test result' },
  'my-summary': {
    part: 'the health summary',
    holds: 'conditions, allergies, medicines, vaccines, vital signs',
  },
  'my-notes': { part: 'the list of visit notes' },
  'my-note': { part: 'a visit note' },
  'my-access-log': { part: 'this list of who looked' },
  'my-concerns': {
    part: 'what was reported about this list',
    done: {
      CREATE: ['Reported an entry of this list', 'report an entry of this list'],
    },
  },
  'my-disclosures': {
    part: 'the list of disclosures',
    done: {
      CREATE: ['Asked for an accounting of disclosures', 'ask for an accounting of disclosures'],
    },
  },

  'care-worklist': {
    part: 'a worklist with {your} name on it',
    holds: 'name and birth date, and which results wait for review',
  },
  'patient-search': {
    part: 'a patient search',
    done: { SEARCH: ['Found {you} in a patient search', 'find {you} in a patient search'] },
  },
  'emergency-search': {
    part: 'an emergency search, which shows nothing of {your} record',
    done: {
      SEARCH: [
        'Looked for {you} in an emergency search, and saw nothing of {your} record',
        'look for {you} in an emergency search',
      ],
    },
  },
  'patient-registration': {
    part: '{your} registration',
    done: { CREATE: ['Registered {you} as a patient', 'register {you} as a patient'] },
  },
  'care-team': {
    part: 'the list of {your} care team',
    done: { UPDATE: ['Changed who is on {your} care team', 'change who is on {your} care team'] },
  },
  'portal-access': {
    part: 'the page about {your} login',
    holds: 'name, birth date, how to reach {you}',
    done: { UPDATE: ['Handed out a code for {your} login', 'hand out a code for {your} login'] },
  },
  'chart-summary': {
    part: '{your} chart summary',
    holds: 'conditions, allergies, medicines, vital signs, newest results, visits',
  },
  'chart-results': {
    part: '{your} test results',
    done: { UPDATE: ['Marked a test result as reviewed', 'mark a test result as reviewed'] },
  },
  'chart-vitals': { part: '{your} vital signs' },
  'vitals-entry': {
    part: 'the form for {your} vital signs',
    done: {
      CREATE: ['Added vital signs', 'add vital signs'],
      UPDATE: ['Changed vital signs', 'change vital signs'],
    },
  },
  'chart-notes': { part: '{your} visit notes' },
  'note-writing': {
    part: 'a note, to write in it',
    done: {
      CREATE: ['Began a visit note', 'begin a visit note'],
      UPDATE: ['Wrote in a visit note', 'write in a visit note'],
      DELETE: ['Deleted a draft of a note', 'delete a draft of a note'],
    },
  },

  'billing-queue': {
    part: 'a list of accounts with {your} name on it',
    holds: 'name and birth date, claims and payments',
    done: { SEARCH: ['Found {your} account in a search', 'find {your} account in a search'] },
  },
  'billing-account': { part: '{your} account', holds: 'charges, claims, insurance, payments' },
  'billing-ssn': { part: '{your} full social security number' },

  'patient-picker': {
    part: 'a search in the list of accesses',
    done: { SEARCH: ['Looked up who opened {your} record', 'look up who opened {your} record'] },
  },
  'concern-work': {
    part: 'what {you} reported about this list',
    done: {
      CREATE: ['Noted something about what {you} reported', 'note something about what {you} reported'],
      UPDATE: ['Worked on an answer to what {you} reported', 'answer what {you} reported'],
    },
  },
  'disclosure-ledger': {
    part: 'the list of disclosures of {your} record',
    done: {
      CREATE: ['Added to the list of disclosures of {your} record', 'add to the list of disclosures'],
      UPDATE: ['Answered a request for an accounting of disclosures', 'answer a request for an accounting'],
    },
  },
  import: {
    part: '{your} record, to compare it with records that were sent to us',
    done: {
      CREATE: ['Set up {your} record from records that were sent to us', 'set up {your} record'],
      UPDATE: ['Added records that were sent to us', 'add records that were sent to us'],
    },
  },
  'key-rotation': {
    part: '{your} record in encrypted form, to check it',
    done: {
      UPDATE: ['Renewed the encryption of {your} record', 'renew the encryption of {your} record'],
    },
  },
  'search-index': {
    part: 'the entries by which {your} record is found',
    done: {
      UPDATE: [
        'Renewed the entries by which {your} record is found',
        'renew the entries by which {your} record is found',
      ],
    },
  },
  'key-shredding': {
    part: 'the entries by which {your} record is found',
    done: { UPDATE: ['Destroyed {your} record for good', 'destroy {your} record'] },
  },
}

/** Who reads the list: the patient, or a proxy, to whom the record is not "yours". */
export type Reader = 'self' | 'proxy'

/** What was done, in one sentence: "Opened your chart summary: conditions, …", "Tried to open your test results and was refused". */
export function whatInWords(view: string | null, action: string, refused: boolean, reader: Reader): string {
  return addressed(sentence(wordsOf(view), action, refused), reader)
}

const openings: Readonly<Record<string, string>> = { PRINT: 'Printed', EXPORT: 'Downloaded' }
const attempts: Readonly<Record<string, string>> = { PRINT: 'print', EXPORT: 'download' }

function sentence({ part, holds, done }: ViewWords, action: string, refused: boolean): string {
  const other = done?.[action as keyof typeof done]
  if (refused) {
    const tried = other?.[1] ?? `${attempts[action] ?? 'open'} ${part}`
    return `Tried to ${tried} and was refused`
  }
  if (other) return other[0]
  const opened = openings[action] ?? 'Opened'
  return holds ? `${opened} ${part}: ${holds}` : `${opened} ${part}`
}

function addressed(text: string, reader: Reader): string {
  const [you, your] = reader === 'self' ? ['you', 'your'] : ['the patient', 'the patient’s']
  return text.replaceAll('{your}', your).replaceAll('{you}', you)
}

/** A view of an older version of the product may have no words any more; the trail outlives it. */
function wordsOf(view: string | null): ViewWords {
  return view !== null && view in words ? words[view as ViewName] : { part: 'a part of {your} record' }
}

/** Who acted, as far as the trail says it about this row. */
export type AccessActor = {
  name: string | null
  title: string | null
  role: string | null
  relation: string | null
  isOwn: boolean
}

/** Whether somebody of the clinic, a job, the patient or a person who acts for them did it. */
export function actorKind({ role, relation, isOwn }: AccessActor): 'staff' | 'job' | 'patient' | 'proxy' {
  if (role === 'service') return 'job'
  if (role === 'patient' && (relation === 'self' || isOwn)) return 'patient'
  if (role === 'proxy' && (relation === 'proxy' || isOwn)) return 'proxy'
  return 'staff'
}

/** Name and job as the list writes them. Patients and proxies have no name in the trail: their name stands in a record. */
export function actorInWords(actor: AccessActor): { name: string; role: string | null } {
  const kind = actorKind(actor)
  if (kind === 'job') return { name: 'Automatic job', role: null }
  if (actor.isOwn) return { name: 'You', role: null }
  if (kind === 'patient') return { name: 'The patient', role: null }
  if (kind === 'proxy') return { name: 'A person with access', role: 'proxy' }
  if (actor.role === 'patient' || actor.role === 'proxy') return { name: 'Another portal user', role: null }
  const role = actor.role !== null && actor.role in roleNames ? roleNames[actor.role as Role] : null
  return actor.name
    ? { name: actor.name, role: actor.title ?? role }
    : { name: role ?? 'Somebody of the clinic', role: null }
}

/** Why it was done, and what made it allowed: "Why: treatment. Nadia Osei is on your care team." */
export function whyInWords(
  actor: AccessActor,
  purpose: string | null,
  { refused, emergency }: { refused: boolean; emergency: boolean },
  reader: Reader,
): string {
  if (refused) return addressed(refusedWhy(actor), reader)
  const kind = actorKind(actor)
  if (actor.isOwn) return 'You are signed in as yourself.'
  if (kind === 'patient') return 'It is their own record.'
  if (kind === 'proxy') return 'They were given access to this part of the record.'
  if (emergency) return addressed(emergencyWhy(actor), reader)
  const reason = purpose !== null && purpose in purposeNames ? purposeNames[purpose as Purpose] : null
  return addressed([reason ? `Why: ${reason}.` : null, standing(actor)].filter(Boolean).join(' '), reader)
}

function standing(actor: AccessActor): string | null {
  if (actor.role === 'service') return 'A program did this. Nobody read it.'
  if (actor.role === 'billing') return 'Billing staff cannot see medical notes.'
  if (actor.role === 'compliance')
    return 'Compliance staff see who opened a record and what was reported about it, not what is in it.'
  if (actor.relation === 'care') return `${actorInWords(actor).name} is on {your} care team.`
  return null
}

function emergencyWhy(actor: AccessActor): string {
  if (actor.relation === 'care')
    return `Why: emergency. ${actorInWords(actor).name} is on {your} care team and needed a part that is closed to their job otherwise. Somebody else at the clinic reviews each emergency access.`
  return `Why: emergency. ${actorInWords(actor).name} is not on {your} care team and said that it could not wait. Somebody else at the clinic reviews each emergency access.`
}

function refusedWhy(actor: AccessActor): string {
  const isCare = actor.role === 'nurse' || actor.role === 'clinician'
  return isCare
    ? 'Nothing was shown. Only people on {your} care team can open it, while they are signed in.'
    : 'Nothing was shown. Their role or session did not allow it.'
}
