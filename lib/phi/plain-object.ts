import 'server-only'

import { RefusedQuery } from './record-error.ts'
import type { Args } from './operation-context.ts'

/** An object literal: no class instance, so no field reference, no Decimal, no Date. */
export function isPlainObject(value: unknown): value is Args {
  if (typeof value !== 'object' || value === null) return false
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === Object.prototype || prototype === null
}

/** @throws RefusedQuery unless the value is an object literal */
export function asObject(model: string, part: string, value: unknown): Args {
  if (!isPlainObject(value)) throw new RefusedQuery(model, `${part} must be a plain object`)
  return value
}

/** One object or a list of them, as a list: Prisma takes both in most places. */
export function asList(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [value]
}
