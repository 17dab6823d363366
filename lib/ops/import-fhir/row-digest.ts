import 'server-only'
import { createHash } from 'node:crypto'
import { contentDigest } from '#lib/crypto/content-digest.ts'
import type { SecretKey } from '#lib/crypto/secret-key.ts'

/**
 * Tells a row that changed from one that did not without reading what is stored. What other resources say about the row
 * (the report that names a result) is not part of it: it would differ with the files that happen to come together.
 * @returns 32 bytes, keyed by the row's id
 */
export function rowDigest(identity: SecretKey, row: { id: string }): Uint8Array<ArrayBuffer> {
  const { diagnosticReportId: _said, ...content } = row as { id: string; diagnosticReportId?: unknown }
  return contentDigest(identity, row.id, plain(content))
}

function plain(content: object): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(content).map(([key, value]) => {
      if (value instanceof Date) return [key, value.toISOString()]
      if (value instanceof Uint8Array) return [key, createHash('sha256').update(value).digest('hex')]
      return [key, value as unknown]
    }),
  )
}
