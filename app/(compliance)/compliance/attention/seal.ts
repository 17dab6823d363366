import 'server-only'

import type { Task } from '#components/ui/task-list.tsx'
import { findAnchorFailures } from '#lib/oversight/integrity/find-anchor-failures.ts'
import { openSeal } from '#lib/oversight/seal/open-seal.ts'
import { paths } from '#lib/paths.ts'
import type { AttentionSource } from './attention-source.ts'

/** A trail that was changed or is no longer sealed, and places outside that do not answer, or hold another history. */
export const sealAttention: AttentionSource = async () => {
  const [{ state }, failures] = await Promise.all([openSeal(), findAnchorFailures()])
  const common = { href: paths.complianceIntegrity, icon: 'shield-check' } as const
  const tasks: Task[] = []
  if (state === 'changed')
    tasks.push({
      ...common,
      id: 'seal',
      tone: 'bad',
      title: 'The trail was changed after it was sealed',
      description: 'Entries were edited, deleted or put in behind the product’s back.',
    })
  if (state === 'stale')
    tasks.push({
      ...common,
      id: 'seal',
      tone: 'warn',
      title: 'New entries are not being sealed',
      description: 'Entries have waited for more than a minute. Tell whoever runs the server.',
    })
  for (const { anchor, why } of failures)
    tasks.push({
      ...common,
      id: `seal ${anchor}`,
      tone: why === 'differs' ? 'bad' : 'warn',
      title:
        why === 'differs' ? `${anchor} holds another history than the database` : `${anchor} gives no answer`,
      description:
        why === 'differs'
          ? 'Sealing stands still. Was a backup put back? Tell whoever runs the server.'
          : 'Entries go on being sealed, and count as published when it answers again.',
    })
  return tasks
}
