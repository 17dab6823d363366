import { Tag } from '#components/ui/tag.tsx'
import type { PersonView } from '#lib/accounts/people/view.ts'

/** Whether somebody can sign in, in a word. */
export function PersonStatus({ status }: { status: PersonView['status'] }) {
  if (status === 'active') return <Tag tone="ok">Active</Tag>
  if (status === 'invited') return <Tag tone="info">Invited</Tag>
  if (status === 'locked') return <Tag tone="warn">Locked</Tag>
  return <Tag tone="neutral">Deactivated</Tag>
}
