import 'server-only'

import { openSeal } from '#lib/oversight/seal/open-seal.ts'
import { paths } from '#lib/paths.ts'
import type { AttentionSource } from './attention-source.ts'

/** A trail that was changed, or that is no longer sealed. */
export const sealAttention: AttentionSource = async () => {
  const { state } = await openSeal()
  if (state !== 'changed' && state !== 'stale') return []
  return [
    {
      id: 'seal',
      href: paths.complianceSearch,
      icon: 'shield-check',
      tone: state === 'changed' ? 'bad' : 'warn',
      title:
        state === 'changed'
          ? 'The trail was changed after it was sealed'
          : 'New entries are not being sealed',
      description:
        state === 'changed'
          ? 'Entries were edited, deleted or put in behind the product’s back.'
          : 'Entries have waited for more than a minute. Tell whoever runs the server.',
    },
  ]
}
