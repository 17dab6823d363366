import 'server-only'

import { plural } from '#lib/format.ts'
import { countCases } from '#lib/oversight/watching/count-cases.ts'
import { paths } from '#lib/paths.ts'
import type { AttentionSource } from './attention-source.ts'

/** Accesses that look odd and that nobody has decided about. */
export const caseAttention: AttentionSource = async (actor) => {
  const open = await countCases(actor)
  if (open === 0) return []
  return [
    {
      id: 'cases',
      href: paths.complianceCases,
      icon: 'eye',
      tone: 'warn',
      title: `${plural(open, 'case')} to look at`,
      description: 'Accesses that documented care does not explain and that look odd.',
    },
  ]
}
