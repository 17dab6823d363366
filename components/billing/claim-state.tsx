import { Tag } from '#components/ui/tag.tsx'
import type { ClaimView } from '#lib/records/billing/view.ts'

/** What became of a claim, in a word. */
export function ClaimState({ state }: { state: ClaimView['state'] }) {
  if (state === 'settled') return <Tag tone="ok">Settled</Tag>
  if (state === 'patient owes') return <Tag tone="warn">Patient owes</Tag>
  if (state === 'cancelled') return <Tag tone="neutral">Cancelled</Tag>
  return <Tag tone="info">With the insurer</Tag>
}
