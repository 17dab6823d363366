import 'server-only'

import type { UnreadableCell } from '#lib/phi/rotate/types.ts'

/** What a walk over patients or accounts has done. */
export type Renewed = {
  /** patients or accounts whose tokens were looked at */
  readonly owners: number
  /** values that do not open, whose tokens stay as they were */
  readonly unreadable: readonly UnreadableCell[]
  /** whether a unit took as many rows as it may, so that another should follow */
  readonly more: boolean
}

export const nothingRenewed: Renewed = { owners: 0, unreadable: [], more: false }

export const renewedWith = (a: Renewed, b: Renewed): Renewed => ({
  owners: a.owners + b.owners,
  unreadable: [...a.unreadable, ...b.unreadable],
  more: b.more,
})
