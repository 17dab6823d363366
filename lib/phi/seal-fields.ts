import 'server-only'

import { rowAddress } from '#lib/crypto/row-address.ts'
import { sealCell } from '#lib/crypto/seal-cell.ts'
import type { CellValue } from '#lib/crypto/cell-column.ts'
import type { DataKey } from '#lib/crypto/data-keys.ts'
import { storedTokens } from './indexes.ts'
import { isPlainObject } from './plain-object.ts'
import { RefusedQuery } from './record-error.ts'
import type { Args, OperationContext } from './operation-context.ts'
import type { EncryptedField, Model } from './registry.ts'
import type { RowIdentity } from './resolve-rows.ts'

/** The values that a write gives to encrypted fields: without `{ set: … }` around them, and without undefined ones. */
export function encryptedValues(model: Model, data: Args): Map<EncryptedField, unknown> {
  const values = new Map<EncryptedField, unknown>()
  for (const [key, given] of Object.entries(data)) {
    const field = model.encrypted.get(key)
    if (!field) continue
    const value = unwrap(field, given)
    if (value !== undefined) values.set(field, value)
  }
  return values
}

/**
 * The encrypted columns of one row as they are sent: ciphertext bound to the row, and the tokens beside it where there
 * is an index. NULL stays NULL, and clears the tokens.
 * @throws UndeclaredField for a field that the admitted view does not declare
 * @throws CryptoError VALUE for a value that its type cannot carry
 */
export async function sealFields(
  context: OperationContext,
  model: Model,
  row: RowIdentity,
  values: ReadonlyMap<EncryptedField, unknown>,
): Promise<Record<string, unknown>> {
  const sealed: Record<string, unknown> = {}
  if (values.size === 0) return sealed
  for (const field of values.keys()) context.unit.assertDeclared(model.name, field.name)
  if (row.owner === null) throw new RefusedQuery(model.name, 'a row without a patient has no key')
  const address = rowAddress(row.id, row.owner)
  let key: DataKey | undefined
  for (const [field, value] of values) {
    if (field.tokens.length > 0) Object.assign(sealed, await tokensFor(context, field, row.owner, value))
    if (value === null) {
      // Null needs no key: a shredded record can still be cleared.
      sealed[field.name] = null
      continue
    }
    key ??= await context.sealingKey(row.owner)
    sealed[field.name] = sealCell(key, field.cell, address, value as CellValue)
  }
  return sealed
}

/** All token columns of a field, those without a token too: a row keeps none that its value no longer has. */
async function tokensFor(
  context: OperationContext,
  field: EncryptedField,
  owner: string,
  value: unknown,
): Promise<Record<string, Uint8Array<ArrayBuffer> | null>> {
  const tokens =
    typeof value === 'string' ? storedTokens(await context.indexKeys(), field.cell.id, owner, value) : []
  return Object.fromEntries(field.tokens.map((name, place) => [name, tokens[place] ?? null]))
}

function unwrap(field: EncryptedField, given: unknown): unknown {
  // A JSON value may itself be an object with the one key `set`.
  if (field.cell.type === 'json' || !isPlainObject(given)) return given
  const keys = Object.keys(given)
  return keys.length === 1 && keys[0] === 'set' ? given['set'] : given
}
