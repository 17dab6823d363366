import 'server-only'
import { type CommandModule, WrongUsage } from '#lib/ops/cli/command.ts'
import { releaseLegalHold } from '#lib/phi/shred/legal-hold.ts'
import { asHolder, holderOptions } from './as-holder.ts'
import { idOption, reasonOption, refused } from './retention-words.ts'

export const options = holderOptions

/** `vigil retention release HOLD --reason TEXT [--as EMAIL]`: ends one reason to keep a record. */
export const run: CommandModule['run'] = async ({ words, options: given, env }) => {
  if (words.length !== 1) throw new WrongUsage('Name one hold: "vigil retention list" shows them.')
  const holdId = idOption(words[0], 'HOLD')
  const reason = reasonOption(given['reason'])
  const refusal = await asHolder(env, given, (who) => releaseLegalHold(who, holdId, reason))
  if (refusal !== null) throw refused(refusal)
  return { ok: true, text: 'The hold is released.', json: { holdId, released: true } }
}
