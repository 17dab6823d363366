import 'server-only'

import { openTexts } from '#lib/accounts/sealed-text.ts'
import { openDownload } from '#lib/audit/export/open-download.ts'
import { readExportFile } from '#lib/audit/export/read-export-file.ts'
import { env } from '#lib/env.ts'
import type { Actor } from '#lib/policy/actor.ts'

const kinds = {
  ndjson: { extension: 'ndjson', mediaType: 'application/x-ndjson' },
  csv: { extension: 'csv', mediaType: 'text/csv; charset=utf-8' },
  pdf: { extension: 'pdf', mediaType: 'application/pdf' },
  fhir: { extension: 'fhir.json', mediaType: 'application/fhir+json' },
  evidence: { extension: 'evidence.ndjson', mediaType: 'application/x-ndjson' },
} as const

export type DownloadedExport = {
  readonly content: ReadableStream<Uint8Array>
  readonly bytes: number
  /** names the export, nothing that is in it */
  readonly fileName: string
  readonly mediaType: string
}

/**
 * The file of one's own export, opened as it is read; the download is on record before this answers.
 * @returns null when there is none for this person
 */
export async function downloadExport(actor: Actor, exportId: string): Promise<DownloadedExport | null> {
  const download = await openDownload(actor, exportId)
  if (download.refusal !== null) return null
  const key = (await openTexts([download.key])).get(download.key.id) ?? ''
  const { extension, mediaType } = kinds[download.format]
  return {
    content: streamOf(readExportFile(env.home, exportId, download.attempt, key)),
    bytes: download.bytes,
    fileName: `audit-export-${exportId.slice(0, 8)}.${extension}`,
    mediaType,
  }
}

/** A piece at a time, when the browser takes it; a browser that goes away closes the file. */
const streamOf = (pieces: AsyncGenerator<Buffer, void, undefined>): ReadableStream<Uint8Array> =>
  new ReadableStream<Uint8Array>({
    pull: async (controller) => {
      const next = await pieces.next()
      if (next.done === true) controller.close()
      else controller.enqueue(new Uint8Array(next.value))
    },
    cancel: async () => {
      await pieces.return()
    },
  })
