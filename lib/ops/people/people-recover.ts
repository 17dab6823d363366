import 'server-only'
import { findPerson } from '#lib/accounts/people/find-person.ts'
import { recoverAsOperator } from '#lib/accounts/people/staff-recovery.ts'
import { Refused } from '#lib/errors.ts'
import type { CommandModule } from '#lib/ops/cli/command.ts'
import { asOperator, oneEmail } from './as-operator.ts'

/**
 * `vigil people recover EMAIL`: sets up the sign-in of a member of staff anew, for a clinic that has not two other administrators
 * who could (`/admin/recoveries`). The old password and factors stop working; the code is printed once.
 */
export const run: CommandModule['run'] = async ({ words, env }) => {
  const email = oneEmail(words)
  const code = await asOperator(env, async (operator) => {
    const accountId = await findPerson(operator, email)
    return accountId === null ? null : recoverAsOperator(operator, accountId)
  })
  if (code === null)
    throw new Refused(
      'Nothing was changed: no member of staff with an open account has this address, or two other administrators can do it on “Sign-ins to set up anew”.',
    )
  return {
    ok: true,
    text: `Code, for 24 hours, to be typed at ${env.url}/accept-invite: ${code}`,
    json: { email, code },
  }
}
