import 'server-only'
import type { Client } from 'pg'

import { askInTurn } from './ask-in-turn.ts'
import type { RowTexts } from './leaf-data.ts'
import { Paged } from './paged.ts'
import { isBefore, toLeaf } from './read-unsealed.ts'
import type { Leaf, Watermark } from './seal-store.ts'
import { asText, sealedLogs, type SealedLog } from './sealed-log.ts'

const pageSize = 5000

/** The rows of both logs in sealing order, from behind one mark up to and with another, hashed as they stand now; in pages. */
export async function* readSealedRows(
  client: Client,
  after: Watermark,
  through: Watermark,
): AsyncGenerator<Leaf[], void, undefined> {
  const patient = new Paged(readLog(client, sealedLogs.P, after, through))
  const security = new Paged(readLog(client, sealedLogs.S, after, through))
  await patient.next()
  await security.next()
  let merged: Leaf[] = []
  while (patient.head || security.head) {
    const [left, right] = [patient.head, security.head]
    const isLeft = left !== undefined && (right === undefined || isBefore(left, right))
    const leaf = isLeft ? left : right
    if (leaf) merged.push(leaf)
    const waiting = (isLeft ? patient : security).next()
    if (waiting) {
      yield merged
      merged = []
      await waiting
    }
  }
  yield merged
}

async function* readLog(
  client: Client,
  log: SealedLog,
  after: Watermark,
  through: Watermark,
): AsyncGenerator<Leaf[], void, undefined> {
  let next = readPage(client, log, after, through)
  for (;;) {
    const page = await next
    const last = page.at(-1)
    const full = page.length === pageSize && last !== undefined
    if (full) {
      const { tx, seq } = toLeaf(log, last)
      // The next page is fetched while this one is hashed.
      next = readPage(client, log, { tx: tx ?? '0', seq: seq ?? '0' }, through)
      next.catch(() => undefined)
    }
    yield page.map((row) => toLeaf(log, row))
    if (!full) return
  }
}

async function readPage(
  client: Client,
  log: SealedLog,
  after: Watermark,
  through: Watermark,
): Promise<RowTexts[]> {
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
