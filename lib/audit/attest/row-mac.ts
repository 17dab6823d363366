import 'server-only'
import { createHmac } from 'node:crypto'

import { utcText, type RowTexts } from '#lib/audit/seal/leaf-data.ts'
import type { SealedLog } from '#lib/audit/seal/sealed-log.ts'
import { claimText, type CallWords, type Claim } from './claim.ts'

const blockBytes = 64

/** The key of one call: HMAC-SHA-256, under the writer's key, of what the writer asked for. */
export function callKey(writerKey: Buffer, words: CallWords, claim: Claim): Buffer {
  return createHmac('sha256', writerKey).update(claimText(words, claim)).digest()
}

/** Inner and outer pad of an HMAC-SHA-256 key (RFC 2104), in base64: with them the database makes the MAC. */
export function padsOf(key: Buffer): [inner: string, outer: string] {
  const inner = Buffer.alloc(blockBytes, 0x36)
  const outer = Buffer.alloc(blockBytes, 0x5c)
  for (const [at, byte] of key.entries()) {
    inner[at] = byte ^ 0x36
    outer[at] = byte ^ 0x5c
  }
  return [inner.toString('base64'), outer.toString('base64')]
}

/** The MAC that a row must have, in PostgreSQL's spelling of bytea. */
export function rowMac(key: Buffer, log: SealedLog, row: RowTexts): string {
  return `\\x${createHmac('sha256', key).update(rowText(log, row)).digest('hex')}`
}

/** A row as json_build_array prints it in audit.attest_access and audit.attest_event: every column but the MAC. */
function rowText(log: SealedLog, row: RowTexts): string {
  const parts: string[] = []
  for (const [at, { name, json, time }] of log.columns.entries()) {
    if (name === 'row_mac') continue
    const value = row[at] ?? null
    if (value === null) parts.push('null')
    else if (json) parts.push(value)
    else parts.push(JSON.stringify(time ? utcText(value) : value))
  }
  return `[${parts.join(', ')}]`
}
