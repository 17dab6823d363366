import 'server-only'
import type { Findings } from './findings.ts'
import type { Receipt } from './read-receipts.ts'

type Held = { readonly id: string; readonly largest: number }

/** Finds anchors that hold more than the database has, and those that lack what they had confirmed. */
export function checkAnchors(
  held: readonly Held[],
  receipts: readonly Receipt[],
  treeSize: number,
  findings: Findings,
): void {
  for (const { id, largest } of held) {
    if (largest > treeSize)
      findings.say(
        'TRUNCATED_OR_ROLLED_BACK',
        largest - 1,
        null,
        `${id} holds a tree of ${largest} leaves, the database ${treeSize}`,
      )
    const confirmed = receipts.find((receipt) => receipt.anchor === id)?.size ?? 0
    if (largest < confirmed)
      findings.say(
        'ANCHOR_LOST',
        null,
        null,
        `${id} holds ${largest === 0 ? 'no tree' : `a tree of ${largest} leaves`} and had confirmed one of ${confirmed}`,
      )
  }
}
