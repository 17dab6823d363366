import 'server-only'

import { formatAuditTimestamp, plural } from '#lib/format.ts'
import { nameStaff } from '#lib/accounts/name-staff.ts'
import { actionNames, purposeInWords } from '#lib/oversight/trail/words.ts'
import { patientReferences } from '#lib/phi/patient-reference.ts'
import { views } from '#lib/policy/views.ts'

const outcomes: Readonly<Record<string, string>> = { ALLOWED: 'allowed', EFFECT: 'done', DENIED: 'refused' }

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
  if (value('actor') !== '')
    lines.push(`By ${(await nameStaff([value('actor')])).get(value('actor')) ?? 'one person'}`)
  const view = value('view')
  if (view !== '') lines.push(`Only ${view in views ? views[view as keyof typeof views].about : view}`)
  if (value('action') !== '') lines.push(`Only: ${actionNames[value('action')] ?? value('action')}`)
  if (value('outcome') !== '') lines.push(`Only ${outcomes[value('outcome')] ?? value('outcome')}`)
  if (value('field') !== '') lines.push(`Only with the field ${value('field')}`)
  if (value('purpose') !== '') lines.push(`Only for ${purposeInWords(value('purpose'))}`)
  if (value('address') !== '') lines.push(`Only from ${value('address')}`)
  if (value('role') !== '' || value('session') !== '' || value('request') !== '')
    lines.push('Narrowed further, as the record of the request says')
  return lines
}

const instant = (text: string): string => {
  const at = new Date(text)
  return Number.isNaN(at.getTime()) ? 'an unknown time' : formatAuditTimestamp(at.toISOString())
}
