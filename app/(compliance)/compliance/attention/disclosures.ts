import 'server-only'

import { plural } from '#lib/format.ts'
import { listAccountings } from '#lib/oversight/disclosures/list-accountings.ts'
import { paths } from '#lib/paths.ts'
import type { AttentionSource } from './attention-source.ts'

/** Requests for an accounting of disclosures that wait: the law gives 60 days. */
export const disclosuresAttention: AttentionSource = async (actor) => {
  const waiting = await listAccountings(actor, false)
  if (waiting.length === 0) return []
  const overdue = waiting.filter(({ isOverdue }) => isOverdue).length
  return [
    {
      id: 'disclosures',
      href: paths.complianceDisclosures,
      icon: 'file-text',
      tone: overdue > 0 ? 'bad' : 'info',
      title: `${plural(waiting.length, 'request', 'requests')} for an accounting of disclosures`,
      description: overdue > 0 ? `${overdue} overdue.` : 'Due 60 days after the patient asked.',
    },
  ]
}
