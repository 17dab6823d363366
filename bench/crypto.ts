import { createCipheriv, createDecipheriv, createSecretKey, randomBytes } from 'node:crypto'

import { cellColumn } from '#lib/crypto/cell-column.ts'
import { DataKey, DataKeys } from '#lib/crypto/data-keys.ts'
import { openCell } from '#lib/crypto/open-cell.ts'
import { rowAddress, type RowAddress } from '#lib/crypto/row-address.ts'
import { sealCell } from '#lib/crypto/seal-cell.ts'
import { SecretKey } from '#lib/crypto/secret-key.ts'

import type { BenchRow } from './bench-row.ts'
import { comparePeer } from './field-encryption-peer.ts'
import { summarize } from './summarize.ts'

export const name = 'crypto'

const rowCount = 100
const fieldCount = 10
const rounds = 151
const plaintext = 'Grüße, 24 bytes of text' // 25 bytes in UTF-8

/**
 * A page's worth of cells (100 rows × 10 fields, a key per row) opened and sealed, against bare node:crypto
 * doing the same AES-256-GCM work on bytes that lie ready. What is counted is processor time, and rounds are interleaved,
 * so that neighbours on the machine weigh on both alike; the medians are compared. The bar for opening is 1.5.
 * Then the same page through Prisma, beside prisma-field-encryption.
 */
export async function run(): Promise<BenchRow[]> {
  const page = makePage()
  const bare = makeBareCells()
  const work = {
    openFloor: () => openBare(bare),
    open: () => openPage(page),
    sealFloor: () => sealBare(bare),
    seal: () => sealPage(page),
  }
  for (let warm = 0; warm < 20; warm += 1) for (const once of Object.values(work)) once()
  const times = {
    openFloor: [] as number[],
    open: [] as number[],
    sealFloor: [] as number[],
    seal: [] as number[],
  }
  for (let round = 0; round < rounds; round += 1) {
    for (const what of Object.keys(work) as (keyof typeof work)[]) {
      const start = process.cpuUsage()
      work[what]()
      const { user, system } = process.cpuUsage(start)
      times[what].push((user + system) / 1000)
    }
  }
  return [
    compare('open 100 rows × 10 fields', times.open, times.openFloor, 1.5),
    compare('seal 100 rows × 10 fields', times.seal, times.sealFloor),
    ...(await comparePeer()),
  ]
}

type Page = { keys: DataKeys; key: DataKey; row: { rowId: string; ownerId: string }; cells: string[] }[]
const columns = Array.from({ length: fieldCount }, (_, index) =>
  cellColumn(`bench.column-${index}`, 'string'),
)

function makePage(): Page {
  return Array.from({ length: rowCount }, () => {
    const ownerId = crypto.randomUUID()
    const key = new DataKey({ ownerId, version: 1, state: 'active', key: SecretKey.random() })
    const row = { rowId: crypto.randomUUID(), ownerId }
    const address = rowAddress(row.rowId, ownerId)
    const cells = columns.map((column) => sealCell(key, column, address, plaintext))
    return { keys: new DataKeys(ownerId, [key]), key, row, cells }
  })
}

function openPage(page: Page): number {
  let length = 0
  for (const { keys, row, cells } of page) {
    const address: RowAddress = rowAddress(row.rowId, row.ownerId)
    for (let at = 0; at < fieldCount; at += 1) {
      const column = columns[at]
      const cell = cells[at]
      if (column && cell) length += openCell(keys, column, address, cell).length
    }
  }
  return length
}

function sealPage(page: Page): number {
  let length = 0
  for (const { key, row } of page) {
    const address = rowAddress(row.rowId, row.ownerId)
    for (const column of columns) length += sealCell(key, column, address, plaintext).length
  }
  return length
}

function makeBareCells() {
  const key = createSecretKey(randomBytes(32))
  const aad = randomBytes(118) // as long as a cell's own
  return Array.from({ length: rowCount * fieldCount }, () => {
    const nonce = randomBytes(12)
    const cipher = createCipheriv('aes-256-gcm', key, nonce, { authTagLength: 16 })
    cipher.setAAD(aad)
    const sealed = Buffer.concat([cipher.update(plaintext, 'utf8'), cipher.final()])
    return { key, aad, nonce, sealed, tag: cipher.getAuthTag() }
  })
}

type BareCells = ReturnType<typeof makeBareCells>

function openBare(cells: BareCells): number {
  let length = 0
  for (const { key, aad, nonce, sealed, tag } of cells) {
    const decipher = createDecipheriv('aes-256-gcm', key, nonce, { authTagLength: 16 })
    decipher.setAAD(aad)
    decipher.setAuthTag(tag)
    const plain = decipher.update(sealed)
    decipher.final()
    length += plain.length
  }
  return length
}

function sealBare(cells: BareCells): number {
  let length = 0
  for (const { key, aad } of cells) {
    const cipher = createCipheriv('aes-256-gcm', key, randomBytes(12), { authTagLength: 16 })
    cipher.setAAD(aad)
    length += cipher.update(plaintext, 'utf8').length
    cipher.final()
    length += cipher.getAuthTag().length
  }
  return length
}

function compare(what: string, times: number[], floorTimes: number[], bar?: number): BenchRow {
  const { median, spread } = summarize(times)
  const floor = summarize(floorTimes).median
  const ratio = median / floor
  const row = { what, unit: 'ms CPU', median, spread, floor, ratio }
  return bar === undefined ? row : { ...row, bar: `≤ ${bar}`, ok: ratio <= bar }
}
