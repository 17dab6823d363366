import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'

import { cellTypeCodes, type CellColumn, type CellValue } from '#lib/crypto/cell-column.ts'
import { CryptoError } from '#lib/crypto/crypto-error.ts'
import { DataKey, DataKeys } from '#lib/crypto/data-keys.ts'
import { openCell } from '#lib/crypto/open-cell.ts'
import type { RowAddress } from '#lib/crypto/row-address.ts'
import { sealCell } from '#lib/crypto/seal-cell.ts'
import { SecretKey } from '#lib/crypto/secret-key.ts'

/** A way to keep cells sealed. The attacks are written against this, so that they can be tried on a scheme with a hole. */
export type CellScheme = {
  seal(column: CellColumn, row: RowAddress, value: CellValue): string
  open(column: CellColumn, row: RowAddress, text: string): CellValue
}

/** The product's own scheme, with a key for each owner as it meets them. */
export function realScheme(): CellScheme & { keysOf(ownerId: string): { key: DataKey; keys: DataKeys } } {
  const owners = new Map<string, { key: DataKey; keys: DataKeys }>()
  const keysOf = (ownerId: string) => {
    const known = owners.get(ownerId)
    if (known) return known
    const key = new DataKey({ ownerId, version: 1, state: 'active', key: SecretKey.random() })
    const made = { key, keys: new DataKeys(ownerId, [key]) }
    owners.set(ownerId, made)
    return made
  }
  return {
    keysOf,
    seal: (column, row, value) => sealCell(keysOf(row.ownerId).key, column, row, value),
    open: (column, row, text) => openCell(keysOf(row.ownerId).keys, column, row, text),
  }
}

/** What a scheme may get wrong. Each of these was found in a published library or is a known slip with node:crypto. */
export type Holes = {
  /** associated data leaves these out */
  unbound?: readonly ('column' | 'row' | 'owner' | 'header')[]
  /** associated data is joined with a separator, without lengths */
  separator?: string
  /** one key for everybody */
  sharedKey?: boolean
  /** Node's own decoder decides what base64 is */
  looseText?: boolean
  /** the tag may be as short as the attacker likes */
  shortTag?: boolean
  /** every key is tried, whatever version the text names */
  trial?: boolean
  /** text that looks sealed is stored as it came */
  passThrough?: boolean
  /** what UTF-8 cannot carry becomes U+FFFD */
  lossyText?: boolean
}

/** The same format written carelessly: strings only, without padding. Holds the holes it is given, no others that matter. */
export function weakScheme(holes: Holes): CellScheme {
  const owners = new Map<string, Buffer>()
  const keyOf = (row: RowAddress) => {
    const owner = holes.sharedKey ? '' : row.ownerId
    const key = owners.get(owner) ?? randomBytes(32)
    owners.set(owner, key)
    return key
  }
  const aad = (column: CellColumn, row: RowAddress, header: string, type: number) => {
    const places = { column: column.id, row: row.rowId, owner: row.ownerId, header: `${header}|${type}` }
    const bound = Object.entries(places).filter(([name]) => !holes.unbound?.some((each) => each === name))
    if (holes.separator !== undefined) return bound.map(([, part]) => part).join(holes.separator)
    return JSON.stringify(bound)
  }
  const refuse = () => new CryptoError('NOT_AUTHENTIC', 'weak', 'refused')
  return {
    seal(column, row, value) {
      if (typeof value !== 'string') throw refuse()
      const text = value
      if (holes.passThrough && text.startsWith('phi1.')) return text
      if (!holes.lossyText && !text.isWellFormed()) throw refuse()
      const header = 'phi1.00000001.'
      const type = cellTypeCodes[column.type]
      const nonce = randomBytes(12)
      const cipher = createCipheriv('aes-256-gcm', keyOf(row), nonce)
      cipher.setAAD(Buffer.from(aad(column, row, header, type)))
      const sealed = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()])
      const body = Buffer.concat([Buffer.of(type), nonce, cipher.getAuthTag(), sealed])
      return header + body.toString('base64url')
    },
    open(column, row, text) {
      if (holes.passThrough && text === 'phi1.00000001.') return text
      const header = text.slice(0, 14)
      if (!holes.trial && header !== 'phi1.00000001.') throw refuse()
      const body = Buffer.from(text.slice(14), 'base64url')
      if (!holes.looseText && body.toString('base64url') !== text.slice(14)) throw refuse()
      const type = body[0] ?? 0
      if (!holes.unbound?.includes('header') && type !== cellTypeCodes[column.type]) throw refuse()
      try {
        // With the tag before the ciphertext, a careless reader takes whatever is left of it.
        const strict = holes.shortTag ? undefined : { authTagLength: 16 }
        const decipher = createDecipheriv('aes-256-gcm', keyOf(row), body.subarray(1, 13), strict)
        decipher.setAAD(Buffer.from(aad(column, row, holes.trial ? 'phi1.00000001.' : header, type)))
        decipher.setAuthTag(body.subarray(13, 29))
        return Buffer.concat([decipher.update(body.subarray(29)), decipher.final()]).toString('utf8')
      } catch {
        throw refuse()
      }
    },
  }
}

/** What an attempt to open gives: the value, or the code of the refusal. Anything else that is thrown is a fault. */
export function attempt(open: () => CellValue): { opened: CellValue } | { refused: string } {
  try {
    return { opened: open() }
  } catch (error) {
    if (error instanceof CryptoError) return { refused: error.code }
    throw error
  }
}
