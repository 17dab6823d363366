import 'server-only'
import type { Client } from 'pg'

import { askInTurn } from '#lib/audit/seal/ask-in-turn.ts'
import { leafData, type RowTexts } from '#lib/audit/seal/leaf-data.ts'
import { Paged } from '#lib/audit/seal/paged.ts'
import { toLeaf, isBefore } from '#lib/audit/seal/read-unsealed.ts'
import type { Leaf, Watermark } from '#lib/audit/seal/seal-store.ts'
import { asText, sealedLogs, type SealedLog } from '#lib/audit/seal/sealed-log.ts'

const pageSize = 5000

/** An entry of a log with the text that its leaf is the hash of. */
export type MonthEntry = Leaf & { readonly data: string }

/** The entries of both logs of a month in sealing order, as they stand now. */
export async function* readMonth(client: Client, month: string): AsyncGenerator<MonthEntry, void, undefined> {
  const patient = new Paged(readLog(client, sealedLogs.P, month))
  const security = new Paged(readLog(client, sealedLogs.S, month))
  await patient.next()
  await security.next()
  while (patient.head || security.head) {
    const [left, right] = [patient.head, security.head]
    const isLeft = left !== undefined && (right === undefined || isBefore(left, right))
    const entry = isLeft ? left : right
    if (entry) yield entry
    const waiting = (isLeft ? patient : security).next()
    if (waiting) await waiting
  }
}

async function* readLog(
  client: Client,
  log: SealedLog,
  month: string,
): AsyncGenerator<MonthEntry[], void, undefined> {
  let after: Watermark = { tx: '0', seq: '0' }
  for (;;) {
    const { rows } = await askInTurn<(string | null)[]>(client, {
      text: `SELECT ${log.select} FROM audit.${log.table} l
              WHERE l.accessed_at >= $1::date::timestamp AT TIME ZONE 'UTC' AND l.accessed_at < ($1::date + interval '1 month') AT TIME ZONE 'UTC'
                AND (l.tx_id, l.seq) > ($2::xid8, $3::bigint) ORDER BY l.tx_id, l.seq LIMIT ${pageSize}`,
      values: [month, after.tx, after.seq],
      rowMode: 'array',
      types: asText,
    })
    const page = rows.map((row: RowTexts) => ({ ...toLeaf(log, row), data: leafData(log, row) }))
    const last = page.at(-1)
    if (last) after = { tx: last.tx ?? '0', seq: last.seq ?? '0' }
    yield page
    if (page.length < pageSize) return
  }
}
