import 'server-only'
import { deactivatePerson } from '#lib/accounts/people/change-person.ts'
import { findPerson } from '#lib/accounts/people/find-person.ts'
import { appQuery } from '#lib/db/app-database.ts'
import { Refused } from '#lib/errors.ts'
import type { CommandModule } from '#lib/ops/cli/command.ts'
import { asOperator, oneEmail } from './as-operator.ts'

/** `vigil people deactivate EMAIL`: shuts a member of staff out; every open session ends on its next access. */
export const run: CommandModule['run'] = async ({ words, env }) => {
  const email = oneEmail(words)
  return asOperator(env, async (operator) => {
    const accountId = await findPerson(operator, email)
    if (accountId === null)
      throw new Refused('No member of staff has this address: "vigil people list" shows them all.')
    if ((await deactivatePerson(operator, accountId)) !== 'done')
      throw new Refused('This account is deactivated already.')
    const administrators = await countAdministrators()
    const warning =
      administrators > 0 ? '' : '\nNo administrator is left: "vigil people invite" makes a new one.'
    const text = `The account is deactivated, and signed out everywhere. An administrator can undo it.${warning}`
    return { ok: true, text, json: { accountId, email, activeAdministrators: administrators } }
  })
}

/** A clinic without one can still make one here, but should know. */
async function countAdministrators(): Promise<number> {
  const rows = await appQuery(
    "SELECT id FROM app.account WHERE role = 'admin' AND status = 'active'",
    [],
    'worker',
  )
  return rows.length
}
