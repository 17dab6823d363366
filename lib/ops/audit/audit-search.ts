import 'server-only'

import {
  type CommandInput,
  type CommandModule,
  type CommandOutput,
  WrongUsage,
} from '#lib/ops/cli/command.ts'
import { formatAuditTimestamp, plural } from '#lib/format.ts'
import { Refused } from '#lib/errors.ts'
import { asPerson, personOptions } from '#lib/ops/retention/as-person.ts'
import { withRecordStore } from '#lib/ops/retention/with-record-store.ts'
import { findArchivedMonths } from '#lib/oversight/retention/find-archived-months.ts'
import { isUnbounded } from '#lib/oversight/trail/is-unbounded.ts'
import { readOrder, trailSorts } from '#lib/oversight/trail/order.ts'
import { searchTrail } from '#lib/oversight/trail/search-trail.ts'
import { readQuery } from '#lib/oversight/trail/start-query-search.ts'
import { understandSearch } from '#lib/oversight/trail/start-trail-search.ts'
import type { TrailEntryView, TrailPageView } from '#lib/oversight/trail/view.ts'
import type { Actor } from '#lib/policy/actor.ts'

export const options = {
  ...personOptions,
  sort: { type: 'string' },
  direction: { type: 'string' },
  limit: { type: 'string' },
  after: { type: 'string' },
} as const

/**
 * `vigil audit search WORD… --as EMAIL`: the search of the pages, in a compliance officer's name. It is on record with its criteria,
 * and shows what the pages show: patients by their references, names of fields, no value.
 */
export const run: CommandModule['run'] = async ({ words, options: given, env }) => {
  if (words.length === 0) throw new WrongUsage('Say what to search for, for example: outcome:DENIED last:24h')
  const asked = readOptions(given)
  return withRecordStore(env, () =>
    asPerson(given, (officer) => search(officer, words.map(requoted).join(' '), asked)),
  )
}

type Asked = { order: ReturnType<typeof readOrder>; limit: number; after: string | null }

async function search(officer: Actor, query: string, asked: Asked): Promise<CommandOutput> {
  if (officer.role !== 'compliance') throw new Refused('Only a compliance officer searches the trail.')
  const { raw, problems } = await readQuery(officer, query)
  const understood =
    problems.length > 0 ? { kind: 'problems' as const, problems } : await understandSearch(officer, raw)
  if (understood.kind === 'problems')
    throw new WrongUsage(understood.problems.map(({ message }) => message).join('. '))
  const { filter } = understood
  if (filter.tooMany)
    throw new Refused('More than 20 patients match: add a given name, a birth date or the record number.')
  if (filter.patients?.length === 0) throw new Refused('No patient matches: the trail was not searched.')
  if (isUnbounded(filter, asked.order))
    throw new WrongUsage('Beyond 31 days entries are sorted by time alone.')
  const page = await searchTrail(officer, filter, { scope: `command\n${query}`, ...asked })
  if (!page) throw new Refused('The session was over before the trail was read.')
  const archived = await findArchivedMonths(officer, filter.from, filter.to)
  return {
    ok: true,
    text: [textOf(page, filter.form['zone'] ?? 'UTC'), ...archivedWords(archived)].join('\n'),
    json: { from: filter.from, to: filter.to, archived, ...page },
  }
}

function readOptions(given: CommandInput['options']): Asked {
  const { sort, direction, after } = given
  const limit = Number(given['limit'] ?? 50)
  if (!Number.isInteger(limit) || limit < 1 || limit > 200)
    throw new WrongUsage('--limit is a number from 1 to 200.')
  if (sort !== undefined && !(typeof sort === 'string' && sort in trailSorts))
    throw new WrongUsage(`--sort is one of ${Object.keys(trailSorts).join(', ')}.`)
  if (direction !== undefined && direction !== 'ascending' && direction !== 'descending')
    throw new WrongUsage('--direction is ascending or descending.')
  return { order: readOrder({ sort, direction }), limit, after: typeof after === 'string' ? after : null }
}

/** The shell took the quotes off a name of two words: `who:"Nadia Osei"` comes as one word with a blank in it. */
function requoted(word: string): string {
  const match = /^(-?[a-z]+):(.*\s.*)$/is.exec(word)
  return match && !word.includes('"') ? `${match[1]}:"${(match[2] ?? '').replaceAll('\\', '\\\\')}"` : word
}

function textOf({ entries, count, isMany, next }: TrailPageView, zone: string): string {
  if (entries.length === 0) return 'No access is recorded for these criteria.'
  return [
    `${isMany ? 'More than ' : ''}${plural(count, 'entry', 'entries')}, ${entries.length} shown, times in ${zone}`,
    ...entries.map((entry) => line(entry, zone)),
    ...(next === null ? [] : [`Further entries: --after ${next}`]),
  ].join('\n')
}

/** A part of the period that nobody looked at must not pass for a part in which nothing happened. */
const archivedWords = (months: readonly string[]): string[] =>
  months.length === 0
    ? []
    : [
        `Not searched: ${months.join(', ')}, whose entries are in archives. Put a month back with: vigil retention restore-archive --month ${months[0]} --as EMAIL`,
      ]

function line(entry: TrailEntryView, zone: string): string {
  const fields = Object.entries(entry.fields).flatMap(([model, names]) =>
    names.map((name) => `${model}.${name}`),
  )
  return [
    formatAuditTimestamp(entry.at, zone), entry.actorName, entry.patientReference, entry.action, entry.outcome, entry.view,
    entry.refusal ?? entry.purpose ?? '', entry.isEmergency ? 'EMERGENCY' : '', entry.clientIp ?? '', entry.logId, fields.join(','),
  ].filter((part) => part !== '').join('  ') // prettier-ignore
}
