import 'server-only'
import { createHash, randomUUID } from 'node:crypto'
import { open, rm } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { z } from 'zod'

import { openTexts, sealText } from '#lib/accounts/sealed-text.ts'
import { askExport, exportFormats } from '#lib/audit/export/ask-export.ts'
import { listExports } from '#lib/audit/export/list-exports.ts'
import { openDownload } from '#lib/audit/export/open-download.ts'
import { readExportFile } from '#lib/audit/export/read-export-file.ts'
import { openClient } from '#lib/db/open-client.ts'
import { now } from '#lib/clock.ts'
import { Refused } from '#lib/errors.ts'
import { plural } from '#lib/format.ts'
import { WrongUsage, type CommandInput, type CommandModule } from '#lib/ops/cli/command.ts'
import { databaseUrl } from '#lib/ops/databases/database-urls.ts'
import { makeExport } from '#lib/ops/export/make-export.ts'
import { takeExport } from '#lib/ops/export/take-export.ts'
import { asPerson, personOptions } from '#lib/ops/retention/as-person.ts'
import { withRecordStore } from '#lib/ops/retention/with-record-store.ts'
import { exportFailure, exportRefusal } from '#lib/oversight/export/words.ts'
import type { Env } from '#lib/parse-env.ts'
import type { Actor } from '#lib/policy/actor.ts'

export const options = {
  format: { type: 'string' },
  from: { type: 'string' },
  to: { type: 'string' },
  patient: { type: 'string', multiple: true },
  actor: { type: 'string' },
  view: { type: 'string' },
  action: { type: 'string' },
  bom: { type: 'boolean' },
  reason: { type: 'string' },
  out: { type: 'string' },
  ...personOptions,
} as const satisfies CommandModule['options']

const instant = z.iso.datetime({ offset: true })
const shape = z.object({
  format: z.enum(exportFormats).default('ndjson'),
  from: instant,
  to: instant.optional(),
  patient: z.array(z.uuid()).max(50).optional(),
  actor: z.uuid().optional(),
  view: z.string().max(100).optional(),
  action: z.string().max(20).optional(),
  bom: z.boolean().default(false),
  reason: z.string().trim().min(15).max(1000),
  out: z.string().min(1),
})
type Given = z.infer<typeof shape>

/**
 * `vigil audit export`: what the page of exports does, for whoever sits at the server. Asked for in a compliance officer's name with
 * password and one-time code; over 100,000 entries a second officer agrees in the browser, and the file is downloaded there.
 */
export const run: CommandModule['run'] = ({ words, options: given, env, say }) => {
  const parsed = shape.safeParse(given)
  if (words.length > 0 || !parsed.success)
    throw new WrongUsage(
      `Give --format (${exportFormats.join(', ')}), --from as 2026-03-03T00:00:00Z, --reason of 15 to 1000 characters, and --out; patients and people by their ids.`,
    )
  return withRecordStore(env, () => asPerson(given, (person) => exportAs(person, parsed.data, env, say)))
}

async function exportAs(person: Actor, given: Given, env: Env, say: CommandInput['say']) {
  const { format, from, patient, actor, view, action } = given
  const exportId = randomUUID()
  const reasonId = randomUUID()
  const asked = await askExport(person, {
    exportId,
    format,
    byteOrderMark: given.bom,
    criteria: {
      from,
      to: given.to ?? now().toISOString(),
      ...(patient === undefined ? {} : { patients: patient }),
      ...Object.fromEntries(
        Object.entries({ actor, view, action }).filter(([, value]) => value !== undefined),
      ),
    },
    reasonId,
    reasonSealed: await sealText(reasonId, given.reason),
  })
  if (asked.refusal !== null) throw new Refused(exportRefusal(asked.refusal))
  if (asked.state === 'WAITING')
    return {
      ok: false,
      text: 'This has more entries than one person may take in a day. Another compliance officer agrees under Exports in the browser; the file is then downloaded there.',
      json: { exportId, state: asked.state },
    }
  say(`${plural(asked.rows, 'entry', 'entries')} at most …`)
  const rows = await made(person, exportId, env)
  const written = await writeOut(person, exportId, given.out, env)
  return {
    ok: true,
    text: `${given.out}: ${plural(rows, 'entry', 'entries')}, ${written.bytes} bytes, SHA-256 ${written.sha256}`,
    json: { exportId, rows, ...written, out: given.out },
  }
}

/**
 * Makes the export here, unless the worker of a running Vigil has taken it already: then waits for that.
 * @returns how many entries it has
 */
async function made(person: Actor, exportId: string, env: Env): Promise<number> {
  const client = await openClient(databaseUrl(env, 'worker'), {
    application_name: 'vigil audit export',
    connectionTimeoutMillis: 10_000,
  })
  try {
    const taken = await takeExport(client, exportId)
    if (taken) await makeExport(client, taken, { home: env.home, host: new URL(env.url).host })
    for (;;) {
      const found = (await listExports(person)).find((row) => row.export_id === exportId)
      if (found?.state === 'READY') return Number(found.rows_done)
      if (found?.state !== 'QUEUED' && found?.state !== 'RUNNING')
        throw new Refused(
          `The export was not made: ${exportFailure(found?.failure ?? null) ?? 'it was ended.'}`,
        )
      await sleep(500)
    }
  } finally {
    await client.end().catch(() => undefined)
  }
}

async function writeOut(
  person: Actor,
  exportId: string,
  out: string,
  env: Env,
): Promise<{ bytes: number; sha256: string }> {
  const download = await openDownload(person, exportId)
  if (download.refusal !== null) throw new Refused(exportRefusal(download.refusal))
  const key = (await openTexts([download.key])).get(download.key.id) ?? ''
  const file = await open(out, 'wx', 0o600).catch(() => {
    throw new Refused(`${out} cannot be made: it is there already, or its folder is not.`)
  })
  const hash = createHash('sha256')
  let bytes = 0
  try {
    for await (const part of readExportFile(env.home, exportId, download.attempt, key)) {
      hash.update(part)
      bytes += part.length
      await file.write(part)
    }
  } catch (error) {
    await rm(out, { force: true })
    throw error
  } finally {
    await file.close()
  }
  return { bytes, sha256: hash.digest('hex') }
}
