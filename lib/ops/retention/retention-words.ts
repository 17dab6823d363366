import 'server-only'
import { Refused } from '#lib/errors.ts'
import { WrongUsage } from '#lib/ops/cli/command.ts'

/** Why the database refused a step, in words for whoever asked for it. */
const refusals: Readonly<Record<string, string>> = {
  'no-session': 'The session ended in between: try again.',
  'not-allowed':
    'Only administrators and compliance officers may do this; a hold is for compliance officers.',
  'code-too-old': 'The one-time code is more than five minutes old: try again.',
  'reason-missing': 'Say why, in 10 to 500 characters, and without naming the patient.',
  'no-such-patient': 'There is no patient with this id.',
  'no-such-request': 'There is no request with this id: "vigil keys shred --list" shows them.',
  'no-such-hold': 'There is no hold with this id: "vigil retention list" shows them.',
  'released-already': 'This hold was released already.',
  'not-marked': 'This record is not marked as destroyed.',
  'destroyed-already': 'The record of this patient is destroyed already.',
  'asked-already':
    'Somebody asked for this already: "vigil keys shred --list" shows it. It takes another person to confirm.',
  'same-person': 'It takes another person than the one who asked.',
  'not-open': 'This request is not open any more.',
  'not-confirmed': 'Nobody has confirmed this request.',
  expired: 'This request is more than 24 hours old: ask again.',
  'legal-hold': 'A legal hold stands on this record: "vigil retention list" says which. It has to be kept.',
}

/** The refusal as what ends the command. */
export const refused = (reason: string): Refused =>
  new Refused(refusals[reason] ?? `This was refused (${reason}).`)

const uuid = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/

/** @throws WrongUsage unless an option holds an id as Vigil writes them */
export function idOption(given: unknown, name: string): string {
  const id = typeof given === 'string' ? given.trim().toLowerCase() : ''
  if (!uuid.test(id)) throw new WrongUsage(`${name} takes an id, such as 0190f3c2-….`)
  return id
}

/** @throws WrongUsage without a reason that says something */
export function reasonOption(given: unknown): string {
  const reason = typeof given === 'string' ? given.trim() : ''
  if (reason.length < 10 || reason.length > 500)
    throw new WrongUsage(
      '--reason says why, in 10 to 500 characters. It stands in the trail: do not name the patient.',
    )
  return reason
}
