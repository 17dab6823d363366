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
  'too-few-years': 'The trail is kept for six years at least, and for a hundred at most.',
  'too-young': 'This month is younger than the time that the trail is kept for.',
  'not-the-oldest': 'Months leave in their order: archive the oldest one first.',
  'no-such-month': 'The logs have no such month.',
  'no-such-archive': 'This month was not archived: "vigil retention status" shows which were.',
  'another-tree':
    'A restore began a new tree since: open this archive with --out, and check it with its own verifier key.',
  'not-anchored': 'The newest checkpoint is not anchored yet: is the sealer running? Then use --resume.',
  'not-what-was-sealed': 'The logs are not what was sealed: run "vigil audit verify". Nothing was taken out.',
  'nothing-set-aside': 'No tables of this month are set aside.',
  'too-early': 'The tables of a month are kept for 30 days after it left.',
}

/** Why the database refused, in a sentence. */
export const refusalText = (reason: string): string => refusals[reason] ?? `This was refused (${reason}).`

/** The refusal as what ends the command. */
export const refused = (reason: string): Refused => new Refused(refusalText(reason))

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

/**
 * The first day of a month that an option names.
 * @throws WrongUsage unless it is written YYYY-MM
 */
export function monthOption(given: unknown, name: string): string {
  const month = typeof given === 'string' ? given.trim() : ''
  if (!/^[0-9]{4}-(?:0[1-9]|1[0-2])$/.test(month))
    throw new WrongUsage(`${name} takes a month, such as 2014-03.`)
  return `${month}-01`
}
