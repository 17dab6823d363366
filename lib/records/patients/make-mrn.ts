import 'server-only'

import { randomInt } from 'node:crypto'

/** A new record number: two letters and seven digits, random, so that it says neither when nor after whom somebody came. */
export function makeMrn(): string {
  return `RC-${String(randomInt(10_000_000)).padStart(7, '0')}`
}
