import 'server-only'
import { type CommandModule, WrongUsage } from '#lib/ops/cli/command.ts'
import { placeLegalHold } from '#lib/phi/shred/legal-hold.ts'
import { asHolder, holderOptions } from './as-holder.ts'
import { idOption, reasonOption, refused } from './retention-words.ts'

export const options = { patient: { type: 'string' }, ...holderOptions } as const

/** `vigil retention hold --patient ID --reason TEXT [--as EMAIL]`: keeps a record from being destroyed. */
export const run: CommandModule['run'] = async ({ words, options: given, env }) => {
  if (words.length > 0) throw new WrongUsage('This verb takes no words.')
  const patientId = idOption(given['patient'], '--patient')
  const reason = reasonOption(given['reason'])
  const placed = await asHolder(env, given, (who) => placeLegalHold(who, patientId, reason))
  if ('refusal' in placed) throw refused(placed.refusal)
  return {
    ok: true,
    text: `The record is kept. To release it: vigil retention release ${placed.holdId} --reason TEXT`,
    json: { holdId: placed.holdId, patientId, reason },
  }
}
