import { CryptoError } from './crypto-error.ts'
import type { JsonValue } from './cell-column.ts'

/** Nesting beyond which a value is refused, so that walking it cannot exhaust the stack. */
const deepest = 200

/**
 * Refuses what JSON would lose or bend in silence (undefined, NaN, dates, class instances, cycles) and what
 * would poison an object's prototype after a careless merge: a `__proto__` key, or `constructor.prototype`.
 * @throws CryptoError VALUE
 */
export function assertSafeJson(value: unknown, place: string): asserts value is JsonValue {
  walk(value, place, 0)
}

/**
 * Parses a cell's JSON. What carries a poisoned key does not come out, whoever sealed it.
 * @throws CryptoError TYPE
 */
export function parseSafeJson(text: string, place: string): JsonValue {
  let parsed: unknown
  try {
    parsed = JSON.parse(text)
    // Escapes can spell the key in other ways, hence the backslash; anything else cannot hold a poisoned key.
    if (text.includes('__proto__') || text.includes('constructor') || text.includes('\\u'))
      walk(parsed, place, 0)
  } catch {
    throw new CryptoError('TYPE', place, 'not JSON that may be handed out')
  }
  return parsed as JsonValue
}

function walk(value: unknown, place: string, depth: number): void {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return
  if (typeof value === 'number' && Number.isFinite(value)) return
  if (depth > deepest) throw new CryptoError('VALUE', place, 'JSON nested too deeply')
  if (Array.isArray(value)) {
    for (const item of value) walk(item, place, depth + 1)
    return
  }
  if (typeof value !== 'object') throw new CryptoError('VALUE', place, 'a JSON value is expected')
  const prototype: unknown = Object.getPrototypeOf(value)
  if (prototype !== Object.prototype && prototype !== null) {
    throw new CryptoError('VALUE', place, 'plain JSON objects only')
  }
  for (const [key, item] of Object.entries(value)) {
    if (key === '__proto__' || (key === 'constructor' && hasPrototypeKey(item))) {
      throw new CryptoError('VALUE', place, 'a key that could poison a prototype')
    }
    walk(item, place, depth + 1)
  }
}

function hasPrototypeKey(value: unknown): boolean {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, 'prototype')
}
