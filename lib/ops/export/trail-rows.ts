import 'server-only'
import type { Client } from 'pg'

import { askInTurn } from '#lib/audit/seal/ask-in-turn.ts'
import type { RowTexts } from '#lib/audit/seal/leaf-data.ts'
import { asText, sealedLogs } from '#lib/audit/seal/sealed-log.ts'
import { ExportStopped } from './export-failed.ts'
import type { ExportPlan } from './export-plan.ts'

const pageSize = 5000

const placeOf = (name: string): number => sealedLogs.P.columns.findIndex((column) => column.name === name)
const accessedAt = placeOf('accessed_at')
const seq = placeOf('seq')

/**
 * The rows of an export, oldest first, page by page; each page tells the database how far it is and asks whether to go on. No
 * transaction is held open between pages: one that was would keep the sealer waiting.
 * @param client on login vigil_worker, told textSettings
 * @throws ExportStopped when it was cancelled or taken over
 */
export async function* trailRows(
  client: Client,
  plan: ExportPlan,
): AsyncGenerator<readonly RowTexts[], void, undefined> {
  let done = 0
  let next = readPage(client, plan, null, null)
  for (;;) {
    const page = await next
    const last = page.at(-1)
    if (last === undefined) return
    const full = page.length === pageSize
    if (full) {
      // The next page is fetched while this one is written.
      next = readPage(client, plan, last[accessedAt] ?? null, last[seq] ?? null)
      next.catch(() => undefined)
    }
    yield page
    done += page.length
    await tellProgress(client, plan, done)
    if (!full) return
  }
}

const readPage = async (
  client: Client,
  plan: ExportPlan,
  afterAt: string | null,
  afterSeq: string | null,
): Promise<RowTexts[]> => {
  const { rows } = await askInTurn<(string | null)[]>(client, {
    text: `SELECT ${sealedLogs.P.select} FROM audit.export_rows($1, $2, $3, $4, $5) l`,
    values: [plan.exportId, plan.attempt, afterAt, afterSeq, pageSize],
    rowMode: 'array',
    types: asText,
  })
  return rows
}

/** @throws ExportStopped */
export const tellProgress = async (client: Client, plan: ExportPlan, rows: number): Promise<void> => {
  const answer = await askInTurn<[string]>(client, {
    text: 'SELECT audit.export_progress($1, $2, $3)::text',
    values: [plan.exportId, plan.attempt, rows],
    rowMode: 'array',
  })
  if (answer.rows[0]?.[0] !== 'true') throw new ExportStopped('the export is not wanted any more')
}
