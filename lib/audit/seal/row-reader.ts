import 'server-only'
import type { Client } from 'pg'

import { askInTurn } from './ask-in-turn.ts'
import { isBefore, toLeaf } from './read-unsealed.ts'
import type { Leaf, Watermark } from './seal-store.ts'
import { asText, sealedLogs, type SealedLog } from './sealed-log.ts'

const pageSize = 5000

/** The rows of both logs in sealing order, from behind one mark up to and with another, hashed as they stand now. */
export async function* readSealedRows(
  client: Client,
  after: Watermark,
  through: Watermark,
): AsyncGenerator<Leaf, void, undefined> {
  const sources = [
    readLog(client, sealedLogs.P, after, through),
    readLog(client, sealedLogs.S, after, through),
  ] as const
  const [patient, security] = sources
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
  through: Watermark,
): AsyncGenerator<Leaf, void, undefined> {
  let mark = after
  let next = readPage(client, log, mark, through)
  for (;;) {
    const page = await next
    const last = page.at(-1)
    const full = page.length === pageSize && last?.[0] != null
    if (full) {
      const leaf = toLeaf(log, last)
      mark = { tx: leaf.tx ?? '0', seq: leaf.seq ?? '0' }
      // The next page is fetched while this one is hashed.
      next = readPage(client, log, mark, through)
      next.catch(() => undefined)
    }
    for (const row of page) yield toLeaf(log, row)
    if (!full) return
  }
}

async function readPage(
  client: Client,
  log: SealedLog,
  after: Watermark,
  through: Watermark,
): Promise<(string | null)[][]> {
  const { rows } = await askInTurn<(string | null)[]>(client, {
    text: `SELECT ${log.select} FROM audit.${log.table} l
            WHERE (l.tx_id, l.seq) > ($1::xid8, $2::bigint) AND (l.tx_id, l.seq) <= ($3::xid8, $4::bigint)
            ORDER BY l.tx_id, l.seq LIMIT ${pageSize}`,
    values: [after.tx, after.seq, through.tx, through.seq],
    rowMode: 'array',
    types: asText,
  })
  return rows
}
