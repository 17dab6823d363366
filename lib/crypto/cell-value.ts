import { CryptoError } from './crypto-error.ts'
import { assertSafeJson, parseSafeJson } from './safe-json.ts'
import type { CellColumn, CellType, CellValue } from './cell-column.ts'

/** Largest plaintext of a cell, in bytes. Attachments have a format of their own. */
export const largestPlaintext = 16 * 1024 * 1024

/**
 * The bytes of a value, refused rather than bent when the type cannot carry it exactly.
 * @throws CryptoError VALUE
 */
export function encodeValue(column: CellColumn, value: CellValue): Buffer {
  const bytes = column.type === 'bytes' ? encodeBytes(column, value) : Buffer.from(encodeText(column, value))
  if (bytes.length > largestPlaintext) throw refused(column, 'a cell holds at most 16 MiB')
  return bytes
}

/**
 * The value behind a cell's plaintext.
 * @throws CryptoError TYPE when the bytes are not what this type writes
 */
export function decodeValue<T extends CellType>(column: CellColumn<T>, plain: Buffer): CellValue<T>
export function decodeValue(column: CellColumn, plain: Buffer): CellValue {
  switch (column.type) {
    case 'string':
    case 'date':
    case 'timestamp':
    case 'decimal':
      return plain.toString('utf8')
    case 'integer':
    case 'number':
      return Number(plain.toString('latin1'))
    case 'boolean':
      return plain[0] === 0x31
    case 'json':
      return parseSafeJson(plain.toString('utf8'), column.id)
    case 'bytes':
      // A copy: the plaintext may be a slice of a larger buffer that the caller should not reach.
      return Uint8Array.from(plain)
  }
}

function encodeBytes(column: CellColumn, value: CellValue): Buffer {
  if (!(value instanceof Uint8Array)) throw refused(column, 'bytes are expected')
  return Buffer.from(value.buffer, value.byteOffset, value.byteLength)
}

function encodeText(column: CellColumn, value: CellValue): string {
  switch (column.type) {
    case 'string':
      // UTF-8 has no lone surrogates; Node would silently store U+FFFD instead. NUL is kept as it is.
      if (typeof value !== 'string' || !value.isWellFormed())
        throw refused(column, 'well-formed text is expected')
      return value
    case 'date':
      if (typeof value !== 'string' || !isDay(value)) throw refused(column, 'a date reads YYYY-MM-DD')
      return value
    case 'timestamp':
      if (typeof value !== 'string' || !isInstant(value)) {
        throw refused(column, 'a timestamp reads YYYY-MM-DDTHH:mm:ss.sssZ')
      }
      return value
    case 'integer':
      if (typeof value !== 'number' || !Number.isSafeInteger(value))
        throw refused(column, 'a safe whole number is expected')
      return String(value)
    case 'number':
      if (typeof value !== 'number' || !Number.isFinite(value))
        throw refused(column, 'a finite number is expected')
      return Object.is(value, -0) ? '-0' : String(value)
    case 'decimal':
      if (typeof value !== 'string' || !/^-?(0|[1-9]\d{0,37})(\.\d{1,37})?$/.test(value)) {
        throw refused(column, 'a decimal reads like -12.50')
      }
      return value
    case 'boolean':
      if (typeof value !== 'boolean') throw refused(column, 'true or false is expected')
      return value ? '1' : '0'
    case 'json':
      assertSafeJson(value, column.id)
      return JSON.stringify(value)
    case 'bytes':
      throw refused(column, 'bytes are expected')
  }
}

function isDay(text: string): boolean {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text)) return false
  const day = new Date(`${text}T00:00:00Z`)
  return !Number.isNaN(day.getTime()) && day.toISOString().startsWith(text)
}

function isInstant(text: string): boolean {
  const instant = new Date(text)
  return !Number.isNaN(instant.getTime()) && instant.toISOString() === text
}

function refused(column: CellColumn, why: string): CryptoError {
  return new CryptoError('VALUE', column.id, why)
}
