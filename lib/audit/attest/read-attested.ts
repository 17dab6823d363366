import 'server-only'
import type { Client } from 'pg'

import { asRows } from '#lib/audit/archive/as-rows.ts'
import { readArchived, type ArchivedRows } from '#lib/audit/archive/read-archived.ts'
import { askInTurn } from '#lib/audit/seal/ask-in-turn.ts'
import { isBefore } from '#lib/audit/seal/read-unsealed.ts'
import { Findings } from '#lib/audit/seal/findings.ts'
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

/**
 * Every row of patients, and every security event that a writer vouched for, in the order of (tx_id, seq).
 * @param archived months whose rows are read from their files, by the tree that they are leaves of
 */
export async function* readAttestedRows(
  client: Client,
  after: Watermark,
  archived: readonly ArchivedRows[],
): AsyncGenerator<LogRow, void, undefined> {
  const sources = [
    readLog(client, sealedLogs.P, after, ''),
    readLog(client, sealedLogs.S, after, 'AND l.writer_id IS NOT NULL'),
    ...archived.map((of) => readArchives(client, of)),
  ]
  const heads = await Promise.all(sources.map((source) => source.next()))
  for (;;) {
    let least: { at: number; row: LogRow } | undefined
    for (const [at, head] of heads.entries())
      if (!head.done && (!least || isBefore(head.value, least.row))) least = { at, row: head.value }
    const source = least && sources[least.at]
    if (!least || !source) return
    yield least.row
    heads[least.at] = await source.next()
  }
}

/** The same of archived months. What is wrong with an archive was said when its leaves were read. */
async function* readArchives(
  client: Client,
  archived: ArchivedRows,
): AsyncGenerator<LogRow, void, undefined> {
  const writerAt = sealedLogs.S.columns.findIndex(({ name }) => name === 'writer_id')
  for await (const page of readArchived(archived, new Findings())) {
    const texts = new Map<string, readonly RowTexts[]>()
    for (const log of [sealedLogs.P, sealedLogs.S])
      texts.set(log.letter, await asRows(client, log, page.filter(({ letter }) => letter === log.letter).map(({ data }) => data))) // prettier-ignore
    const taken = { P: 0, S: 0 }
    for (const { letter, tx, seq } of page) {
      const log = letter === 'P' ? sealedLogs.P : sealedLogs.S
      const row = texts.get(log.letter)?.[taken[log.letter]++]
      if (row && (log.letter === 'P' || row[writerAt] != null))
        yield { log, texts: row, tx: tx ?? '0', seq: seq ?? '0' }
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
