import 'server-only'
import { createWriteStream } from 'node:fs'
import { rm } from 'node:fs/promises'
import { pipeline } from 'node:stream/promises'

import { Refused } from '#lib/errors.ts'
import { plural } from '#lib/format.ts'
import { type CommandModule, WrongUsage } from '#lib/ops/cli/command.ts'
import { asService } from '#lib/phi/service-actor.ts'
import { readArchiveFile } from './archive-file.ts'
import { asPerson, personOptions } from './as-person.ts'
import { readRetention } from './read-retention.ts'
import { restoreMonth } from './restore-month.ts'
import { retentionQuery } from './retention-query.ts'
import { monthOption, refused } from './retention-words.ts'
import { withRecordStore } from './with-record-store.ts'

export const options = { month: { type: 'string' }, out: { type: 'string' }, ...personOptions } as const

/**
 * `vigil retention restore-archive --month YYYY-MM --as EMAIL`: puts an archived month back into the logs; with `--out FILE` it writes the
 * opened archive instead, which anybody can check with the stand-alone verifier.
 */
export const run: CommandModule['run'] = async ({ words, options: given, env }) => {
  if (words.length > 0) throw new WrongUsage('This verb takes no words.')
  const month = monthOption(given['month'], '--month')
  const out = given['out']
  return withRecordStore(env, async () => {
    const { months } = await asService('people', readRetention)
    const archive = months.find((each) => each.month === month.slice(0, 7) && each.state !== 'attached')
    if (archive?.archiveId == null || archive.fileName === null || archive.incarnation === null)
      throw refused('no-such-archive')
    const { archiveId, fileName, incarnation } = archive
    if (typeof out === 'string') {
      await writeOpened(env.home, fileName, out)
      return { ok: true, text: `Check it with: node verify.mjs ${out} verifier-key.txt`, json: { out } }
    }
    const [row] = await asPerson(given, (person) =>
      retentionQuery<{ refusal: string | null }>(
        person,
        'SELECT refusal FROM audit.archive_return_ask($1, $2::date, $3)',
        [month, person.clientIp],
      ),
    )
    if (!row || row.refusal !== null) throw refused(row?.refusal ?? 'no-such-archive')
    const entries = await restoreMonth(env.home, { archiveId, fileName, incarnation })
    return {
      ok: true,
      text: `${plural(entries, 'entry', 'entries')} of ${archive.month} are in the logs again.`,
      json: { month: archive.month, entries },
    }
  })
}

async function writeOpened(home: string, fileName: string, out: string): Promise<void> {
  if (!out.endsWith('.ndjson')) throw new WrongUsage('--out takes a file that ends with .ndjson.')
  const lines = async function* () {
    for await (const line of readArchiveFile(home, fileName)) yield `${line}\n`
  }
  try {
    await pipeline(lines, createWriteStream(out, { flags: 'wx', mode: 0o600 }))
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && cause.code === 'EEXIST')
      throw new Refused(`${out} is there already: name a new file.`)
    await rm(out, { force: true })
    throw new Refused(`${fileName} is not what it was, or not there: put its copy back.`, { cause })
  }
}
