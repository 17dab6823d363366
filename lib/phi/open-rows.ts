import 'server-only'

import { CryptoError } from '#lib/crypto/crypto-error.ts'
import type { DataKeys } from '#lib/crypto/data-keys.ts'
import { openCell } from '#lib/crypto/open-cell.ts'
import { rowAddress, type RowAddress } from '#lib/crypto/row-address.ts'
import { withDataKeys } from '#lib/keys/with-data-keys.ts'
import { CellUnreadable } from './record-error.ts'
import type { OperationContext, Row } from './operation-context.ts'
import type { ReadPlan } from './plan-read.ts'

/**
 * Decrypts what the plan names, in new objects, and takes off what was added to the select. Keys of all patients in
 * the result are fetched at once, over the key store's own connections.
 * @throws CellUnreadable when one cell does not open: then nothing of the result is returned
 */
export async function openRows<T>(context: OperationContext, plan: ReadPlan, result: T): Promise<T> {
  const owners = new Set<string>()
  collectOwners(plan, result, owners)
  if (owners.size === 0) return openAny(plan, result, new Map()) as T
  return withDataKeys(await context.keys(), owners, (keys) => openAny(plan, result, keys) as T)
}

function collectOwners(plan: ReadPlan, value: unknown, owners: Set<string>): void {
  if (Array.isArray(value)) {
    for (const each of value) collectOwners(plan, each, owners)
    return
  }
  if (value === null || typeof value !== 'object') return
  const row = value as Row
  const owner = plan.model.owner === null ? undefined : row[plan.model.owner]
  if (typeof owner === 'string' && plan.encrypted.some((field) => typeof row[field.name] === 'string'))
    owners.add(owner)
  for (const { name, plan: nested } of plan.relations) collectOwners(nested, row[name], owners)
}

function openAny(plan: ReadPlan, value: unknown, keys: ReadonlyMap<string, DataKeys>): unknown {
  if (Array.isArray(value)) return value.map((each) => openAny(plan, each, keys))
  if (value === null || typeof value !== 'object') return value
  return openRow(plan, value as Row, keys)
}

function openRow(plan: ReadPlan, row: Row, keys: ReadonlyMap<string, DataKeys>): Row {
  const opened = { ...row }
  if (plan.encrypted.length > 0) openCells(plan, opened, keys)
  for (const { name, plan: nested } of plan.relations) opened[name] = openAny(nested, opened[name], keys)
  for (const name of plan.added) delete opened[name]
  return opened
}

function openCells(plan: ReadPlan, row: Row, keys: ReadonlyMap<string, DataKeys>): void {
  const rowId = String(row['id'])
  const patientId = String(row[plan.model.owner ?? 'id'])
  const own = keys.get(patientId)
  let address: RowAddress | undefined
  for (const { name, cell } of plan.encrypted) {
    const text = row[name]
    if (typeof text !== 'string') continue
    const place = { model: plan.model.name, field: name, rowId, patientId }
    // No key at all: it was destroyed, or this database was put together from parts of others.
    if (!own) throw new CellUnreadable({ ...place, code: 'KEY_UNKNOWN' })
    address ??= rowAddress(rowId, patientId)
    try {
      row[name] = openCell(own, cell, address, text)
    } catch (error) {
      if (error instanceof CryptoError) throw new CellUnreadable({ ...place, code: error.code })
      throw error
    }
  }
}
