import 'server-only'
import { type CommandModule, WrongUsage } from '#lib/ops/cli/command.ts'
import { plural } from '#lib/format.ts'
import { asService } from '#lib/phi/service-actor.ts'
import { readRetention, type Retention } from './read-retention.ts'
import { refusalText } from './retention-words.ts'
import { withRecordStore } from './with-record-store.ts'

/** `vigil retention status`: how long the trail is kept, which months may leave, which have left, and what waits for a second person. */
export const run: CommandModule['run'] = async ({ words, env }) => {
  if (words.length > 0) throw new WrongUsage('This verb takes no words.')
  const retention = await withRecordStore(env, () => asService('people', readRetention))
  return { ok: retention.monthsAhead >= 1, text: textOf(retention), json: retention }
}

const textOf = ({ years, monthsAhead, endsAt, months, requests }: Retention): string => {
  const attached = months.filter(({ state }) => state === 'attached')
  const ready = attached.filter(({ obstacle }) => obstacle === null)
  const [oldest] = attached
  return [
    `The audit trail is kept for ${plural(years, 'year')}.`,
    `In the logs: from ${oldest?.month ?? 'now'}; there is room until ${endsAt.slice(0, 10)} (${plural(monthsAhead, 'month')} ahead).`,
    ready.length === 0
      ? `No month may leave yet${oldest?.obstacle == null ? '' : `: ${refusalText(oldest.obstacle)}`}`
      : `May leave: ${ready.map(({ month }) => month).join(', ')}`,
    ...months
      .filter(({ state }) => state !== 'attached')
      .map(
        ({ month, state, entries, fileName }) =>
          `  ${month}  ${state.padEnd(9)}  ${plural(entries ?? 0, 'entry', 'entries')}  ${fileName ?? ''}`,
      ),
    ...requests.map(
      ({ requestId, what, state, requestedBy }) =>
        `${state === 'confirmed' ? 'Confirmed, to be carried out' : `Asked for by ${requestedBy}, waits for another person`}: ${what}  ${requestId}`,
    ),
  ].join('\n')
}
