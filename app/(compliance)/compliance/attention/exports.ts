import 'server-only'

import { plural } from '#lib/format.ts'
import { countExportsWaiting } from '#lib/oversight/export/count-exports-waiting.ts'
import { paths } from '#lib/paths.ts'
import type { AttentionSource } from './attention-source.ts'

/** Large exports of other officers that wait for a second person. */
export const exportAttention: AttentionSource = async (actor) => {
  const waiting = await countExportsWaiting(actor)
  if (waiting === 0) return []
  return [
    {
      id: 'exports',
      href: paths.complianceExports,
      icon: 'download',
      tone: 'info',
      title: waiting === 1 ? 'An export waits for a second person' : 'Exports wait for a second person',
      description: `${plural(waiting, 'request')} for more than 100,000 entries. Agree or decline; nothing is made before.`,
    },
  ]
}
