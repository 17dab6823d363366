import 'server-only'
import type { CommandInput } from '#lib/ops/cli/command.ts'
import type { Env } from '#lib/parse-env.ts'
import { asService } from '#lib/phi/service-actor.ts'
import type { Actor } from '#lib/policy/actor.ts'
import { asPerson, personOptions } from './as-person.ts'
import { withRecordStore } from './with-record-store.ts'

/** Options of the verbs that place and release holds. */
export const holderOptions = { reason: { type: 'string' }, ...personOptions } as const

/**
 * Works on holds as the compliance officer whom `--as` names, and otherwise as the operator on the server: keeping a record must not
 * wait for somebody's telephone. Either stands in the security log.
 */
export const asHolder = <T>(
  env: Env,
  options: CommandInput['options'],
  work: (who: Pick<Actor, 'sessionToken' | 'clientIp'> & { readonly role?: Actor['role'] }) => Promise<T>,
): Promise<T> =>
  withRecordStore(env, () =>
    options['as'] === undefined ? asService('people', work) : asPerson(options, work),
  )
