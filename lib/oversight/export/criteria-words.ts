import 'server-only'

import { formatDateTimeForStaff, plural } from '#lib/format.ts'
import { nameStaff } from '#lib/accounts/name-staff.ts'
import { actionNames, purposeInWords } from '#lib/oversight/trail/words.ts'
import { patientReferences } from '#lib/phi/patient-reference.ts'
import { views } from '#lib/policy/views.ts'

const outcomes: Readonly<Record<string, string>> = { ALLOWED: 'allowed', EFFECT: 'done', DENIED: 'refused' }

/** Criteria that stand for themselves, or with a minus in front for all but that. */
const sayings: Readonly<Record<string, (value: string) => string | Promise<string>>> = {
  actor: async (id) => `by ${(await nameStaff([id])).get(id) ?? 'one person'}`,
  role: (role) => `by the role ${role}`,
  view: (view) => (view in views ? views[view as keyof typeof views].about : view),
  action: (action) => `the action ${(actionNames[action] ?? action).toLowerCase()}`,
  outcome: (outcome) => `what was ${outcomes[outcome] ?? outcome}`,
  field: (field) => `with the field ${field}`,
  purpose: (purpose) => `for ${purposeInWords(purpose)}`,
  address: (address) => `from ${address}`,
  session: (session) => `in the session ${session}`,
  request: (request) => `of the request ${request}`,
}

/** What an export was asked for, in words: patients under their references, never by name. */
export async function criteriaInWords(criteria: Readonly<Record<string, unknown>>): Promise<string[]> {
  const value = (name: string): string => (typeof criteria[name] === 'string' ? criteria[name] : '')
  const patients = Array.isArray(criteria['patients']) ? criteria['patients'].map(String) : null
  const lines = [`From ${instant(value('from'))} until ${instant(value('to'))}`]
  if (patients !== null) {
    const references = [...(await patientReferences(patients)).values()]
    lines.push(
      references.length <= 3
        ? `Patient ${references.join(', ')}`
        : `${plural(references.length, 'patient')}, the first ${references[0]}`,
    )
  }
  for (const [name, say] of Object.entries(sayings)) {
    if (value(name) === '') continue
    const isExcept = value(name).startsWith('-')
    const said = await say(isExcept ? value(name).slice(1) : value(name))
    lines.push(`${isExcept ? 'All but' : 'Only'} ${said}`)
  }
  if (criteria['emergency'] === true) lines.push('Only emergency access')
  if (criteria['unexplained'] === true) lines.push('Only what nothing explains')
  const archived = archivedMonths(criteria)
  if (archived.length > 0) lines.push(`With what is archived of ${archived.join(', ')}`)
  return lines
}

/** Months that an export has from archives, such as 2014-03, as it was when it was asked for. */
export const archivedMonths = (criteria: Readonly<Record<string, unknown>>): string[] =>
  Array.isArray(criteria['archived']) ? criteria['archived'].map(String) : []

const instant = (text: string): string => {
  const at = new Date(text)
  return Number.isNaN(at.getTime()) ? 'an unknown time' : formatDateTimeForStaff(at.toISOString())
}
