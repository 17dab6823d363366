import 'server-only'

import type { Actor } from '#lib/policy/actor.ts'

import type { Access, Outcome, RecordClient } from './types.ts'

export declare function withRecord<T>(
  actor: Actor,
  access: Access,
  work: (record: RecordClient, granted: string[]) => Promise<T>,
): Promise<Outcome<T>>
