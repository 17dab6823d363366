import { assertSafeJson } from './safe-json.ts'
import type { JsonValue } from './cell-column.ts'

/**
 * JSON in one spelling only (RFC 8785): keys in UTF-16 order, no spaces, numbers as ECMAScript prints them.
 * @throws CryptoError VALUE when the value is not plain JSON
 */
export function canonicalJson(value: unknown): string {
  assertSafeJson(value, 'canonical-json')
  return write(value)
}

function write(value: JsonValue): string {
  if (value === null || typeof value !== 'object') return JSON.stringify(value)
  if (isList(value)) return `[${value.map(write).join(',')}]`
  const members = Object.keys(value)
    .sort()
    .map((key) => `${JSON.stringify(key)}:${write(value[key] ?? null)}`)
  return `{${members.join(',')}}`
}

function isList(value: JsonValue): value is readonly JsonValue[] {
  return Array.isArray(value)
}
