import 'server-only'

import { plural } from '#lib/format.ts'
import { listConcerns } from '#lib/oversight/concerns/list-concerns.ts'
import { paths } from '#lib/paths.ts'
import type { AttentionSource } from './attention-source.ts'

/** What patients reported and nobody answered yet. */
export const concernsAttention: AttentionSource = async (actor) => {
  const waiting = await listConcerns(actor, false)
  if (waiting.length === 0) return []
  const overdue = waiting.filter(({ isOverdue }) => isOverdue).length
  return [
    {
      id: 'concerns',
      href: paths.complianceConcerns,
      icon: 'notebook-pen',
      tone: overdue > 0 ? 'bad' : 'warn',
      title: `${plural(waiting.length, 'concern waits', 'concerns wait')} for an answer`,
      description:
        overdue > 0
          ? `${overdue} overdue. Patients reported accesses that they do not recognise.`
          : 'Patients reported accesses that they do not recognise.',
    },
  ]
}
