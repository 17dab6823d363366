import 'server-only'

import { z } from 'zod'
import { openFilter, saveFilter } from '#lib/accounts/saved-filter.ts'
import { dateFromParts } from '#lib/format.ts'
import { findReferences } from '#lib/phi/with-search.ts'
import type { Actor } from '#lib/policy/actor.ts'
import type { FieldProblem, FindForm, FoundView } from './view.ts'

const kept = 'emergency-find'
const text = (limit: number) => z.string().trim().max(limit, `At most ${limit} characters`).default('')
const input = z.object({
  familyName: text(100),
  givenName: text(100),
  birthMonth: text(4),
  birthDay: text(4),
  birthYear: text(8),
  mrn: text(40),
})
const foundShape = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('found'), patientId: z.uuid(), typed: z.string() }),
  z.object({ kind: z.enum(['nobody', 'several', 'too-many-searches', 'expired']) }),
])

export const emptyFind: FindForm = {
  familyName: '',
  givenName: '',
  birthMonth: '',
  birthDay: '',
  birthYear: '',
  mrn: '',
}

/**
 * Looks for one patient who is not one's own: by the record number, or by family name, given name and birth date together. Whoever is
 * found gets a SEARCH row in their trail; nothing of the record is read. The answer is kept sealed, its id goes into the address.
 * @throws AuditUnavailable, KeysUnavailable
 */
export async function findForEmergency(
  actor: Actor,
  sent: unknown,
): Promise<{ kind: 'kept'; id: string } | { kind: 'problems'; form: FindForm; problems: FieldProblem[] }> {
  const parsed = input.safeParse(sent)
  if (!parsed.success)
    return { kind: 'problems', form: emptyFind, problems: parsed.error.issues.map(({ path, message }) => ({ field: path.join('.'), message })) } // prettier-ignore
  const form = parsed.data
  const birthDate = dateFromParts({ year: form.birthYear, month: form.birthMonth, day: form.birthDay })
  const { familyName, givenName, mrn } = form
  if (mrn === '') {
    const problems: FieldProblem[] = []
    if (familyName === '')
      problems.push({ field: 'familyName', message: 'Enter the family name, or the MRN' })
    if (givenName === '') problems.push({ field: 'givenName', message: 'Enter the given name too' })
    if (birthDate === null) problems.push({ field: 'birth', message: 'Enter the birth date as three numbers, such as 4 2 1979' }) // prettier-ignore
    if (problems.length > 0) return { kind: 'problems', form, problems }
  }
  const terms = mrn === '' ? { familyName, givenName, birthDate: birthDate ?? undefined } : { mrn }
  const outcome = await findReferences(actor, { view: 'emergency-search', terms })
  const typed = mrn === '' ? `${givenName} ${familyName}, born ${birthDate ?? ''}` : `MRN ${mrn}`
  return { kind: 'kept', id: await saveFilter(actor, kept, found(outcome, typed)) }
}

function found(outcome: Awaited<ReturnType<typeof findReferences>>, typed: string): FoundView {
  if (outcome.kind === 'denied')
    return { kind: outcome.reason === 'too-many-searches' ? 'too-many-searches' : 'nobody' }
  if (outcome.kind === 'too-many') return { kind: 'several' }
  if (outcome.kind === 'nothing-to-search') return { kind: 'nobody' }
  const [patientId, ...others] = outcome.patients
  if (patientId === undefined) return { kind: 'nobody' }
  return others.length > 0 ? { kind: 'several' } : { kind: 'found', patientId, typed }
}

/** What an earlier search of the same person came to. */
export async function openFind(actor: Actor, id: string): Promise<FoundView> {
  return (await openFilter(actor, kept, id, foundShape)) ?? { kind: 'expired' }
}
