import 'server-only'
import { defaultKeyLimits } from '#lib/keys/key-settings.ts'
import {
  type CommandInput,
  type CommandModule,
  type CommandOutput,
  WrongUsage,
} from '#lib/ops/cli/command.ts'
import { asPerson, personOptions } from '#lib/ops/retention/as-person.ts'
import { idOption, reasonOption, refused } from '#lib/ops/retention/retention-words.ts'
import { withRecordStore } from '#lib/ops/retention/with-record-store.ts'
import { formatDateTimeForStaff } from '#lib/format.ts'
import { carryOutShredding, type Shredded, type ShredStep } from '#lib/phi/shred/carry-out-shredding.ts'
import { countRecord, type RecordCounts } from '#lib/phi/shred/count-record.ts'
import {
  askForShredding,
  cancelShredding,
  confirmShredding,
  listShredRequests,
  type ShredRequest,
} from '#lib/phi/shred/shred-request.ts'
import { asService } from '#lib/phi/service-actor.ts'
import { begunStates, finishShredding } from './finish-shredding.ts'
import { secondOptions, unmark } from './keys-unmark.ts'
import { keySettings } from './with-key-source.ts'

export const options = {
  patient: { type: 'string' },
  reason: { type: 'string' },
  confirm: { type: 'string' },
  cancel: { type: 'string' },
  list: { type: 'boolean' },
  all: { type: 'boolean' },
  resume: { type: 'boolean' },
  unmark: { type: 'string' },
  ...personOptions,
  ...secondOptions,
} as const

const job = 'key-shredding'
const kinds = ['patient', 'confirm', 'cancel', 'list', 'resume', 'unmark'] as const

/**
 * `vigil keys shred`: destroys one patient's record for good, by destroying its keys. One person asks (`--patient`), another
 * confirms within 24 hours (`--confirm`); only then is anything destroyed.
 */
export const run: CommandModule['run'] = async (input) => {
  const { words, options: given, env } = input
  const asked = kinds.filter((kind) => given[kind] !== undefined)
  const [kind] = asked
  if (words.length > 0 || kind === undefined || asked.length > 1)
    throw new WrongUsage('Say one of --patient, --confirm, --cancel, --list, --resume, --unmark.')
  if (
    (given['reason'] !== undefined && kind !== 'patient') ||
    (given['all'] !== undefined && kind !== 'list') ||
    (kind !== 'unmark' && Object.keys(secondOptions).some((name) => given[name] !== undefined))
  )
    throw new WrongUsage('--reason goes with --patient, --all with --list, and --second with --unmark.')
  return withRecordStore(env, () => verbs[kind](input))
}

const verbs: Readonly<Record<(typeof kinds)[number], (input: CommandInput) => Promise<CommandOutput>>> = {
  patient: request,
  confirm,
  cancel,
  list,
  resume,
  unmark,
}

async function request({ options: given }: CommandInput): Promise<CommandOutput> {
  const patientId = idOption(given['patient'], '--patient')
  const reason = reasonOption(given['reason'])
  const made = await asPerson(given, (person) => askForShredding(person, patientId, reason))
  if ('refusal' in made) throw refused(made.refusal)
  const { requestId } = made
  const losses = (await asService(job, (actor) => countRecord(actor, patientId))) ?? {}
  const text = [
    'Nothing is destroyed yet. What will be lost for good:',
    ...lossLines(losses),
    '',
    'Within 24 hours another administrator or compliance officer has to confirm:',
    `  vigil keys shred --confirm ${requestId} --as EMAIL`,
  ].join('\n')
  return { ok: true, text, json: { requestId, patientId, reason, losses, validHours: 24 } }
}

async function confirm({ options: given, env, say }: CommandInput): Promise<CommandOutput> {
  const requestId = idOption(given['confirm'], '--confirm')
  const refusal = await asPerson(given, (person) => confirmShredding(person, requestId))
  if (refusal !== null) throw refused(refusal)
  const done = await asService(job, (actor) =>
    carryOutShredding(actor, keySettings(env), requestId, announce(say)),
  )
  if ('refusal' in done) throw refused(done.refusal)
  return { ok: true, text: doneText(done), json: { requestId, ...done, ...bounds } }
}

async function cancel({ options: given }: CommandInput): Promise<CommandOutput> {
  const requestId = idOption(given['cancel'], '--cancel')
  const refusal = await asPerson(given, (person) => cancelShredding(person, requestId))
  if (refusal !== null) throw refused(refusal)
  return {
    ok: true,
    text: 'The request is taken back. Nothing was destroyed.',
    json: { requestId, cancelled: true },
  }
}

async function list({ options: given }: CommandInput): Promise<CommandOutput> {
  const requests = await asService(job, (actor) => listShredRequests(actor, { all: given['all'] === true }))
  const text =
    requests.length === 0 ? 'No request is open.' : requests.map((each) => requestText(each)).join('\n\n')
  return { ok: true, text, json: requests }
}

/** Finishes what was confirmed and did not come to its end, and tells a restored database what was destroyed. */
async function resume({ env, say }: CommandInput): Promise<CommandOutput> {
  const done = await finishShredding(keySettings(env), ['confirmed', ...begunStates], announce(say))
  const { finished, reapplied, refused: refusedOnes } = done
  const { toRecords, toKeys, unasked, held } = reapplied
  const text = [
    `Destructions finished: ${finished.length}. After a restore, told to the records: ${toRecords.length}, to the key store: ${toKeys.length}.`,
    ...refusedOnes.map(({ requestId, refusal }) => `${requestId}: ${refused(refusal).message}`),
    ...unasked.map(
      (id) =>
        `${id}: marked as destroyed, but nobody asked for it, and its keys are not destroyed (--unmark).`,
    ),
    ...held.map(
      (id) => `${id}: its keys are destroyed, and a legal hold stands on the record, so it is not marked.`,
    ),
  ].join('\n')
  return { ok: refusedOnes.length + unasked.length + held.length === 0, text, json: done }
}

const bounds = {
  forgottenWithinSeconds: defaultKeyLimits.leaseSeconds,
  forgottenWhenCutOffWithinSeconds: defaultKeyLimits.cutOffSeconds,
} as const

const steps: Readonly<Record<ShredStep, string>> = {
  started: 'The record is closed.',
  'keys-destroyed': 'Its keys are destroyed.',
  'tokens-removed': 'Nothing finds it any more.',
  done: 'Written down.',
}

const announce =
  (say: CommandInput['say']) =>
  (step: ShredStep): void => {
    say(steps[step])
  }

function doneText({ keyVersions, tokensRemoved }: Shredded): string {
  return [
    `The record is destroyed: ${keyVersions} key versions are gone, ${tokensRemoved} rows lost their search tokens.`,
    `Every running Vigil forgets the keys at once, and within ${bounds.forgottenWithinSeconds} seconds where it hears nothing; one that is cut off from the key store, within ${bounds.forgottenWhenCutOffWithinSeconds}.`,
    'Backups of the key store made before now still hold the keys: docs/keys.md says how they end.',
  ].join('\n')
}

function lossLines(losses: RecordCounts): string[] {
  const rows = Object.entries(losses).filter(([, count]) => count > 0)
  const width = Math.max(0, ...rows.map(([name]) => name.length))
  return rows.map(([name, count]) => `  ${name.padEnd(width)}  ${count}`)
}

function requestText(of: ShredRequest): string {
  const at = (date: Date) => formatDateTimeForStaff(date.toISOString())
  return [
    `Request  ${of.requestId}  ${of.state}${of.isHeld ? '  (legal hold)' : ''}`,
    `Patient  ${of.patientId}`,
    `Reason   ${of.reason}`,
    `Asked    ${of.requestedBy ?? 'somebody'}, ${at(of.requestedAt)}${of.state === 'requested' ? `; a second person until ${at(of.expiresAt)}` : ''}`,
    ...(of.confirmedAt === null ? [] : [`Second   ${of.confirmedBy ?? 'somebody'}, ${at(of.confirmedAt)}`]),
    ...(of.doneAt === null ? [] : [`Done     ${at(of.doneAt)}`]),
  ].join('\n')
}
