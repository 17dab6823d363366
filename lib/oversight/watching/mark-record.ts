import 'server-only'

import { randomUUID } from 'node:crypto'
import { z } from 'zod'
import { changeWatching } from '#lib/audit/read-watching.ts'
import { findReferences } from '#lib/phi/with-search.ts'
import type { Actor } from '#lib/policy/actor.ts'
import type { DecisionProblem } from './decide-case.ts'

const text = z.string().trim().max(200).catch('')
const form = z.object({
  kind: z.enum(['STAFF', 'CONFIDENTIAL'], { error: 'Choose what the mark says' }),
  account: z.union([z.literal(''), z.uuid()]).catch(''),
  familyName: text,
  givenName: text,
  birthDate: text,
  mrn: text,
})

const refusals: Readonly<Record<string, string>> = {
  'marked-already': 'This record, or this person, has such a mark already',
  'no-such-person': 'Choose a member of staff',
  'no-such-patient': 'This record is not there any more',
  'no-such-mark': 'This mark has ended already',
  'your-own': 'Somebody else has to end the mark of your own record',
  'code-too-old': 'Your one-time code is more than five minutes old. Enter a new one',
}
const otherRefusal = 'Your session may not do this. Sign in again'

export type RecordMark = z.infer<typeof form>

/** Reads from its form what a mark says and whose record it is. @returns the problems of the form when there are any */
export function readMark(
  raw: Record<string, unknown>,
): { kind: 'problems'; problems: DecisionProblem[] } | { kind: 'read'; mark: RecordMark } {
  const parsed = form.safeParse(raw)
  if (!parsed.success)
    return {
      kind: 'problems',
      problems: parsed.error.issues.map(({ path, message }) => ({ field: String(path[0] ?? ''), message })),
    }
  const { kind, account, familyName, givenName, birthDate, mrn } = parsed.data
  if (kind === 'STAFF' && account === '')
    return { kind: 'problems', problems: [{ field: 'account', message: 'Choose whose own record it is' }] }
  if (mrn === '' && (familyName === '' || (givenName === '' && birthDate === '')))
    return {
      kind: 'problems',
      problems: [
        {
          field: 'familyName',
          message: 'Enter the full name, or the family name and birth date, or the MRN',
        },
      ],
    }
  return { kind: 'read', mark: parsed.data }
}

/**
 * Marks one record as a colleague's own, or as confidential: the patient is found like for a search of the trail (each find is
 * a SEARCH row of that patient), and has to be one alone. Asks for a second factor of the last five minutes.
 * @returns why not, at the field that it is about; empty when it is marked
 */
export async function markRecord(
  actor: Actor,
  { kind, account, familyName, givenName, birthDate, mrn }: RecordMark,
): Promise<DecisionProblem[]> {
  const terms = Object.fromEntries(
    Object.entries({ familyName, givenName, birthDate, mrn }).filter(([, value]) => value !== ''),
  )
  const found = await findReferences(actor, { view: 'patient-picker', terms })
  if (found.kind === 'denied') return [{ field: '', message: otherRefusal }]
  const patients = found.kind === 'granted' ? found.patients : []
  if (found.kind === 'too-many' || patients.length > 1)
    return [{ field: 'mrn', message: 'More than one patient matches. Use the MRN' }]
  const [patient] = patients
  if (patient === undefined) return [{ field: 'familyName', message: 'No patient matches' }]
  const refusal = await changeWatching('watch_mark_set', [
    actor.sessionToken,
    randomUUID(),
    patient,
    kind,
    kind === 'STAFF' ? account : null,
    actor.clientIp,
  ])
  return refusal === null ? [] : [{ field: '', message: refusals[refusal] ?? otherRefusal }]
}

/** Ends a mark, after a second factor of the last five minutes. @returns the refusal in words, or null */
export async function endMark(actor: Actor, markId: string): Promise<string | null> {
  const id = z.uuid().safeParse(markId).success ? markId : randomUUID()
  const refusal = await changeWatching('watch_mark_end', [actor.sessionToken, id, actor.clientIp])
  return refusal === null ? null : (refusals[refusal] ?? otherRefusal)
}
