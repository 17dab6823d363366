import 'server-only'
import { formatDateTimeForStaff } from '#lib/format.ts'
import { type CommandModule, WrongUsage } from '#lib/ops/cli/command.ts'
import { type LegalHold, listLegalHolds } from '#lib/phi/shred/legal-hold.ts'
import { asService } from '#lib/phi/service-actor.ts'
import { withRecordStore } from './with-record-store.ts'

export const options = { all: { type: 'boolean' } } as const

/** `vigil retention list [--all]`: which records are kept, by whose word, since when and why; patients by their ids. */
export const run: CommandModule['run'] = async ({ words, options: given, env }) => {
  if (words.length > 0) throw new WrongUsage('This verb takes no words.')
  const holds = await withRecordStore(env, () =>
    asService('people', (operator) => listLegalHolds(operator, { all: given['all'] === true })),
  )
  const text = holds.length === 0 ? 'No record is held.' : holds.map((hold) => holdText(hold)).join('\n\n')
  return { ok: true, text, json: holds }
}

function holdText(hold: LegalHold): string {
  const by = (name: string | null, at: Date) =>
    `${name ?? 'somebody'}, ${formatDateTimeForStaff(at.toISOString())}`
  return [
    `Hold      ${hold.holdId}`,
    `Patient   ${hold.patientId}`,
    `Placed    ${by(hold.placedBy, hold.placedAt)}: ${hold.reason}`,
    ...(hold.releasedAt === null
      ? []
      : [`Released  ${by(hold.releasedBy, hold.releasedAt)}: ${hold.releaseReason ?? ''}`]),
  ].join('\n')
}
