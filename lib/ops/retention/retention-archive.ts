import 'server-only'
import type { Client } from 'pg'

import { openClient } from '#lib/db/open-client.ts'
import {
  type CommandInput,
  type CommandModule,
  type CommandOutput,
  WrongUsage,
} from '#lib/ops/cli/command.ts'
import { plural } from '#lib/format.ts'
import { databaseUrl } from '#lib/ops/databases/database-urls.ts'
import type { Env } from '#lib/parse-env.ts'
import { asService } from '#lib/phi/service-actor.ts'
import { archiveMonth, type ArchivedMonth } from './archive-month.ts'
import { asPerson, personOptions } from './as-person.ts'
import { dropMonth } from './drop-month.ts'
import { readRetention } from './read-retention.ts'
import { retentionQuery } from './retention-query.ts'
import { idOption, monthOption, refused } from './retention-words.ts'
import { withRecordStore } from './with-record-store.ts'

export const options = {
  month: { type: 'string' },
  confirm: { type: 'string' },
  resume: { type: 'boolean' },
  drop: { type: 'string' },
  ...personOptions,
} as const

/**
 * `vigil retention archive --month YYYY-MM --as EMAIL`: asks for a month to leave the logs. `--confirm REQUEST --as EMAIL`: another person
 * agrees, and the month is written to a file, read back, and taken out. `--resume` carries out what was agreed on and not finished.
 * `--drop YYYY-MM` drops the tables of a month that left 30 days ago or longer, once its archive was read back again.
 */
export const run: CommandModule['run'] = (input) => {
  const { words, options: given } = input
  const chosen = ['month', 'confirm', 'resume', 'drop'].filter((name) => given[name] !== undefined)
  if (words.length > 0 || chosen.length !== 1)
    throw new WrongUsage('Give one of --month, --confirm, --resume and --drop.')
  return withRecordStore(input.env, () => {
    if (given['month'] !== undefined) return askFor(given)
    if (given['drop'] !== undefined) return drop(input.env, monthOption(given['drop'], '--drop'))
    return given['confirm'] === undefined ? carryOut(input.env) : confirm(input.env, given)
  })
}

async function askFor(given: CommandInput['options']): Promise<CommandOutput> {
  const month = monthOption(given['month'], '--month')
  const [row] = await asPerson(given, (person) =>
    retentionQuery<{ request_id: string | null; refusal: string | null }>(
      person,
      `SELECT * FROM audit.retention_ask($1, 'archive', NULL, $2::date, $3)`,
      [month, person.clientIp],
    ),
  )
  if (!row?.request_id) throw refused(row?.refusal ?? 'unknown')
  return {
    ok: true,
    text: `Asked for. Within 24 hours another person agrees with: vigil retention archive --confirm ${row.request_id} --as EMAIL`,
    json: { requestId: row.request_id, month: month.slice(0, 7) },
  }
}

async function confirm(env: Env, given: CommandInput['options']): Promise<CommandOutput> {
  const requestId = idOption(given['confirm'], '--confirm')
  const [row] = await asPerson(given, (person) =>
    retentionQuery<{ refusal: string | null }>(
      person,
      `SELECT refusal FROM audit.retention_confirm($1, 'archive', $2, $3)`,
      [requestId, person.clientIp],
    ),
  )
  if (!row || row.refusal !== null) throw refused(row?.refusal ?? 'no-such-request')
  return carryOut(env)
}

async function carryOut(env: Env): Promise<CommandOutput> {
  const { requests } = await asService('people', readRetention)
  const done: ArchivedMonth[] = []
  for (const { requestId, month, state } of requests)
    if (state === 'confirmed' && month !== null)
      done.push(await asSealer(env, (client) => archiveMonth(client, env.home, requestId, month)))
  const lines = done.map(
    ({ month, file, entries, sha256 }) =>
      `${month}: ${plural(entries, 'entry', 'entries')} in archive/${file}\n  SHA-256 ${sha256}`,
  )
  return {
    ok: true,
    text:
      done.length === 0
        ? 'There is nothing to carry out.'
        : [...lines, 'Copy the file, and seal/archive.key apart from it, to a second place now.'].join('\n'),
    json: done,
  }
}

/** On the sealer's login, which reads both logs and can change neither. */
async function asSealer<T>(env: Env, work: (client: Client) => Promise<T>): Promise<T> {
  const client = await openClient(databaseUrl(env, 'sealer'), {
    application_name: 'vigil retention',
    connectionTimeoutMillis: 10_000,
  })
  try {
    return await work(client)
  } finally {
    await client.end().catch(() => undefined)
  }
}

async function drop(env: Env, month: string): Promise<CommandOutput> {
  await dropMonth(env.home, month)
  return {
    ok: true,
    text: `The tables of ${month.slice(0, 7)} are dropped. Its archive is what is left of them.`,
    json: { month: month.slice(0, 7), dropped: true },
  }
}
