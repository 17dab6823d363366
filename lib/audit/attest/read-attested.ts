import 'server-only'
import type { Client } from 'pg'

import { askInTurn } from '#lib/audit/seal/ask-in-turn.ts'
import { isBefore } from '#lib/audit/seal/read-unsealed.ts'
import type { RowTexts } from '#lib/audit/seal/leaf-data.ts'
import type { Watermark } from '#lib/audit/seal/seal-store.ts'
import { asText, sealedLogs, type SealedLog } from '#lib/audit/seal/sealed-log.ts'

const pageSize = 5000

/** A row of a log with what is needed to place it. */
export type LogRow = {
  readonly log: SealedLog
  readonly texts: RowTexts
  readonly tx: string
  readonly seq: string
}

/** Every row of patients, and every security event that a writer vouched for, in the order of (tx_id, seq). */
export async function* readAttestedRows(
  client: Client,
  after: Watermark,
): AsyncGenerator<LogRow, void, undefined> {
  const patient = readLog(client, sealedLogs.P, after, '')
  const security = readLog(client, sealedLogs.S, after, 'AND l.writer_id IS NOT NULL')
  let left = await patient.next()
  let right = await security.next()
  while (!left.done || !right.done) {
    if (!left.done && (right.done || isBefore(left.value, right.value))) {
      yield left.value
      left = await patient.next()
    } else if (!right.done) {
      yield right.value
      right = await security.next()
    }
  }
}

async function* readLog(
  client: Client,
  log: SealedLog,
  after: Watermark,
  condition: string,
): AsyncGenerator<LogRow, void, undefined> {
  const place = (name: string) => log.columns.findIndex((column) => column.name === name)
  const [txAt, seqAt] = [place('tx_id'), place('seq')]
  let next = readPage(client, log, after, condition)
  for (;;) {
    const page = (await next).map((texts) => ({
      log,
      texts,
      tx: texts[txAt] ?? '0',
      seq: texts[seqAt] ?? '0',
    }))
    const last = page.at(-1)
    const full = page.length === pageSize && last !== undefined
    if (full) {
      // The next page is fetched while this one is looked at.
      next = readPage(client, log, last, condition)
      next.catch(() => undefined)
    }
    yield* page
    if (!full) return
  }
}

async function readPage(
  client: Client,
  log: SealedLog,
  after: Watermark,
  condition: string,
): Promise<(string | null)[][]> {
  const { rows } = await askInTurn<(string | null)[]>(client, {
    text: `SELECT ${log.select} FROM audit.${log.table} l
            WHERE (l.tx_id, l.seq) > ($1::xid8, $2::bigint) ${condition} ORDER BY l.tx_id, l.seq LIMIT ${pageSize}`,
    values: [after.tx, after.seq],
    rowMode: 'array',
    types: asText,
  })
  return rows
}
