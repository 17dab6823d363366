import 'server-only'

import { utcText, type RowTexts } from '#lib/audit/seal/leaf-data.ts'
import type { SealedLog } from '#lib/audit/seal/sealed-log.ts'
import { claimText, type CallWords, type Claim } from './claim.ts'
import { HmacKey } from './hmac.ts'

/** The key of one call: HMAC-SHA-256, under the writer's key, of what the writer asked for. */
export function callKey(writerKey: HmacKey, words: CallWords, claim: Claim): HmacKey {
  return new HmacKey(writerKey.mac(claimText(words, claim)))
}

/** The MAC that a row must have, in PostgreSQL's spelling of bytea. */
export function rowMac(key: HmacKey, log: SealedLog, row: RowTexts): string {
  return `\\x${key.mac(rowText(log, row)).toString('hex')}`
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
