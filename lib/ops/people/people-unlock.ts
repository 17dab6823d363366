import 'server-only'
import { unlockByEmail } from '#lib/accounts/people/unlock-person.ts'
import { Refused } from '#lib/errors.ts'
import type { CommandModule } from '#lib/ops/cli/command.ts'
import { asOperator, oneEmail } from './as-operator.ts'

/**
 * `vigil people unlock EMAIL`: lets somebody try again whom failed sign-ins shut out, patients and proxies included:
 * they are seen by no administrator. Nothing is told about the account.
 */
export const run: CommandModule['run'] = async ({ words, env }) => {
  const email = oneEmail(words)
  if (!(await asOperator(env, (operator) => unlockByEmail(operator, email))))
    throw new Refused('Nobody with this address is shut out: there is nothing to unlock.')
  return { ok: true, text: 'The person can try to sign in again.', json: { email, unlocked: true } }
}
