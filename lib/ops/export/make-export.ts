import 'server-only'
import { randomUUID } from 'node:crypto'
import { rm } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Client } from 'pg'

import { sealText } from '#lib/accounts/sealed-text.ts'
import type { ExportFormat } from '#lib/audit/export/ask-export.ts'
import { exportFile } from '#lib/audit/export/export-file.ts'
import type { RowTexts } from '#lib/audit/seal/leaf-data.ts'
import { readSealState } from '#lib/audit/seal/seal-store.ts'
import { textSettings } from '#lib/audit/seal/sealed-log.ts'
import { asCsv } from './as-csv.ts'
import { asEvidence } from './as-evidence.ts'
import { asFhir } from './as-fhir.ts'
import { asNdjson } from './as-ndjson.ts'
import { asPdf } from './as-pdf.ts'
import { ExportFailed, ExportStopped } from './export-failed.ts'
import type { ExportPlan } from './export-plan.ts'
import { readPeople } from './people.ts'
import { putArchived } from './put-archived.ts'
import { readExportArchives, type ExportArchive } from './read-export-archives.ts'
import { tellProgress, trailRows } from './trail-rows.ts'
import { writeSealedFile } from './write-sealed-file.ts'

type Place = {
  /** absolute path of the home that keeps the files */
  readonly home: string
  /** host of the product's address */
  readonly host: string
}

const lookMilliseconds = 1000

/**
 * Makes the file of an export that was taken, and hands it over. What it was asked for can be cancelled at any time; then nothing is left.
 * @param client on login vigil_worker, for this alone
 * @returns how it ended; an outage is thrown, and the next attempt begins anew
 */
export async function makeExport(
  client: Client,
  plan: ExportPlan,
  { home, host }: Place,
): Promise<'ready' | 'stopped' | 'failed'> {
  await client.query(textSettings)
  const progress = { rows: 0 }
  try {
    const archives = await readExportArchives(client, plan)
    for (const archive of archives) await putArchived(client, plan, archive, home)
    const pages = counted(
      trailRows(client, plan),
      progress,
      archives.length > 0 ? longest[plan.format] : null,
    )
    const written = await writeSealedFile(home, plan, await contentOf(client, plan, pages, progress, host))
    await tellProgress(client, plan, progress.rows)
    // A month that left meanwhile may lack, and one that came back may be there twice: the next attempt reads them as they are.
    if (namesOf(await readExportArchives(client, plan)) !== namesOf(archives)) throw new ArchivesChanged()
    const keyId = randomUUID()
    const { rows } = await client.query<{ done: boolean }>(
      'SELECT audit.export_finish($1, $2, $3, $4, $5, $6, $7) AS done',
      [
        plan.exportId,
        plan.attempt,
        progress.rows,
        written.bytes,
        written.sha256,
        keyId,
        await sealText(keyId, written.key),
      ],
    )
    if (rows[0]?.done === true) return 'ready'
    await rm(exportFile(home, plan.exportId, plan.attempt), { force: true })
    return 'stopped'
  } catch (error) {
    if (error instanceof ExportStopped) return 'stopped'
    if (!(error instanceof ExportFailed)) throw error
    await client.query('SELECT audit.export_fail($1, $2, $3)', [plan.exportId, plan.attempt, error.fault])
    return 'failed'
  } finally {
    // of an attempt that was killed the next sweep does
    await client.query('SELECT audit.export_forget_archived()').catch(() => undefined)
  }
}

/** Thrown when a month left the logs, or came back, while an export was made. */
class ArchivesChanged extends Error {
  override readonly name = 'ArchivesChanged'
}

const namesOf = (archives: readonly ExportArchive[]): string =>
  archives.map(({ archiveId }) => archiveId).join()

/** What is in archives is not counted before: these formats end where the asking would have refused them. */
const longest: Readonly<Record<ExportFormat, { rows: number; fault: ExportFailed['fault'] } | null>> = {
  ndjson: null,
  csv: null,
  fhir: null,
  pdf: { rows: 5000, fault: 'too-long-for-pdf' },
  evidence: { rows: 100_000, fault: 'too-long-for-evidence' },
}

async function* counted(
  pages: AsyncIterable<readonly RowTexts[]>,
  progress: { rows: number },
  limit: (typeof longest)[ExportFormat],
): AsyncGenerator<readonly RowTexts[], void, undefined> {
  for await (const page of pages) {
    progress.rows += page.length
    if (limit && progress.rows > limit.rows) throw new ExportFailed(limit.fault)
    yield page
  }
}

async function contentOf(
  client: Client,
  plan: ExportPlan,
  pages: AsyncIterable<readonly RowTexts[]>,
  progress: { rows: number },
  host: string,
): Promise<AsyncIterable<Buffer>> {
  switch (plan.format) {
    case 'ndjson':
      return asNdjson(pages)
    case 'csv':
      return asCsv(pages, plan, await readPeople(client))
    case 'fhir':
      return asFhir(pages, plan, await readPeople(client), host)
    case 'pdf': {
      const state = await readSealState(client)
      const sealed = state && { size: state.range.size, root: state.range.root().toString('base64') }
      return asPdf(pages, plan, await readPeople(client), sealed)
    }
    case 'evidence':
      return asEvidence(client, pages, plan, async () => {
        await tellProgress(client, plan, progress.rows)
        await sleep(lookMilliseconds)
      })
  }
}
