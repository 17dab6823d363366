import 'server-only'
import { asProvenPerson, type Proof } from '#lib/auth/as-proven-person.ts'
import { Refused } from '#lib/errors.ts'
import { readPrivateFile } from '#lib/keys/file/read-private-file.ts'
import { ProviderDenial, ProviderOutage } from '#lib/keys/key-provider.ts'
import { ask, canAsk } from '#lib/ops/cli/ask.ts'
import { type CommandInput, WrongUsage } from '#lib/ops/cli/command.ts'
import type { Actor } from '#lib/policy/actor.ts'

/** Options of a verb that is done in a person's name. */
export const personOptions = {
  as: { type: 'string' },
  code: { type: 'string' },
  'password-file': { type: 'string' },
} as const

/**
 * Does something in the name of the person that `--as` names, once password and one-time code were right. The password is
 * asked for on the terminal or read from a private file, never from the command line, where every process of the machine can see it;
 * a one-time code may stand there, because it works once.
 * @param option its name, where a verb takes more than one person
 * @throws WrongUsage when something is missing and nobody can be asked; Refused when the person could not prove who they are
 */
export async function asPerson<T>(
  options: CommandInput['options'],
  work: (person: Actor) => Promise<T>,
  option = '--as',
): Promise<T> {
  const proof = await readProof(options, option)
  const outcome = await asProvenPerson(proof, { ip: null, userAgent: 'vigil command' }, work)
  switch (outcome.kind) {
    case 'proved':
      return outcome.value
    case 'wrong':
      throw new Refused('Address, password or code is not right.')
    case 'used':
      throw new Refused('This code was used already: wait until the app shows the next one.')
    case 'wait':
      throw new Refused(`Too many tries: wait ${outcome.seconds} seconds, then try again.`)
  }
}

async function readProof(options: CommandInput['options'], option: string): Promise<Proof> {
  const email = textOf(options['as'])
  if (email === undefined) throw new WrongUsage(`${option} EMAIL says who does this.`)
  const file = textOf(options['password-file'])
  const given = textOf(options['code'])
  if ((file === undefined || given === undefined) && !canAsk())
    throw new WrongUsage('Without a terminal to ask on, --password-file and --code are needed.')
  const password =
    file === undefined ? await ask(`Password of ${email}: `, { isSecret: true }) : await readPassword(file)
  const code = given ?? (await ask('One-time code: '))
  return { email, password, code: code.trim() }
}

async function readPassword(file: string): Promise<string> {
  try {
    return (await readPrivateFile(file)).replace(/\r?\n$/, '')
  } catch (error) {
    if (error instanceof ProviderDenial || error instanceof ProviderOutage) throw new Refused(error.message)
    throw error
  }
}

const textOf = (given: CommandInput['options'][string]): string | undefined =>
  typeof given === 'string' && given.trim() !== '' ? given : undefined
