import 'server-only'
import { findPerson } from '#lib/accounts/people/find-person.ts'
import { invitationInput, invitedRoles, type InvitationInput } from '#lib/accounts/people/input.ts'
import { invitePerson, renewInvitation } from '#lib/accounts/people/invite-person.ts'
import { Refused } from '#lib/errors.ts'
import { type CommandModule, type CommandOutput, WrongUsage } from '#lib/ops/cli/command.ts'
import { paths } from '#lib/paths.ts'
import type { Env } from '#lib/parse-env.ts'
import { asOperator, oneEmail } from './as-operator.ts'

export const options = {
  name: { type: 'string' },
  role: { type: 'string' },
  title: { type: 'string' },
  again: { type: 'boolean' },
} as const

/**
 * `vigil people invite EMAIL --name "FULL NAME" --role ROLE [--title TEXT]`: makes a login for a member of staff and a
 * code with which the person sets password and second factor. `--again` makes a new code for somebody whose first one
 * was lost or ran out. The code is shown here and nowhere again.
 */
export const run: CommandModule['run'] = async ({ words, options: given, env }) => {
  if (given['again'] === true) {
    if (given['name'] ?? given['role'] ?? given['title'])
      throw new WrongUsage('--again changes nothing but the code: leave the other options out.')
    return inviteAgain(env, oneEmail(words))
  }
  const input = readInput(oneEmail(words), given)
  const invited = await asOperator(env, (operator) => invitePerson(operator, input))
  if (invited.kind === 'taken')
    throw new Refused(
      'This address has a login already, and everybody has one login of their own. For a new code before the first sign-in, add --again and leave the other options out.',
    )
  const { email, name, role } = input
  return answer(env, { accountId: invited.accountId, email, name, role }, invited.code)
}

function readInput(email: string, given: Parameters<CommandModule['run']>[0]['options']): InvitationInput {
  const { name = '', role, title = '' } = given
  const input = invitationInput.safeParse({ email, name, role, jobTitle: title })
  if (input.success) return input.data
  const faults = input.error.issues.map(({ path, message }) => {
    if (path[0] === 'role') return `--role: one of ${invitedRoles.join(', ')}.`
    const where = path[0] === 'name' ? '--name: ' : path[0] === 'jobTitle' ? '--title: ' : ''
    return `${where}${message}.`
  })
  throw new WrongUsage(faults.join('\n'))
}

async function inviteAgain(env: Env, email: string): Promise<CommandOutput> {
  const renewed = await asOperator(env, async (operator) => {
    const accountId = await findPerson(operator, email)
    const code = accountId === null ? null : await renewInvitation(operator, accountId)
    return accountId === null || code === null ? null : { accountId, code }
  })
  if (renewed === null)
    throw new Refused(
      'Nobody with this address waits for an invitation: "vigil people list" shows who was invited.',
    )
  return answer(env, { accountId: renewed.accountId, email }, renewed.code)
}

function answer(
  env: Env,
  person: { accountId: string; email: string; name?: string; role?: string },
  code: string,
): CommandOutput {
  const url = new URL(paths.acceptInvite, env.url).href
  const text = [
    `${person.name ?? person.email} is invited.`,
    '',
    `  Code     ${code}`,
    `  To use   ${url}`,
    '',
    'Hand it over in person or by telephone. It works once, for seven days, and is not shown again.',
  ].join('\n')
  return { ok: true, text, json: { ...person, code, url, validDays: 7 } }
}
