import { Tag } from '#components/ui/tag.tsx'
import type { KeyStanding as Standing } from '#lib/accounts/keys/view.ts'

/** Whether a kind of key is due, in a word. */
export function KeyStanding({ standing }: { standing: Standing }) {
  if (standing === 'overdue') return <Tag tone="bad">Overdue</Tag>
  if (standing === 'due') return <Tag tone="warn">Due soon</Tag>
  if (standing === 'ok') return <Tag tone="ok">Fine</Tag>
  return <Tag tone="neutral">Not known</Tag>
}
