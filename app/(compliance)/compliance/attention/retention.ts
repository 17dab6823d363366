import 'server-only'

import { formatDateForStaff } from '#lib/format.ts'
import { openRetention } from '#lib/oversight/retention/open-retention.ts'
import { paths } from '#lib/paths.ts'
import type { AttentionSource } from './attention-source.ts'

/** Room in the logs that runs out: without it every access is refused. */
export const retentionAttention: AttentionSource = async () => {
  const { isEnding, endsAt } = await openRetention()
  if (!isEnding) return []
  return [
    {
      id: 'retention',
      href: paths.complianceSearch,
      icon: 'calendar',
      tone: 'bad',
      title: `The audit trail has room until ${formatDateForStaff(endsAt, 'UTC')} only`,
      description:
        'From then on nobody could open a record. Tell whoever runs the server to run “vigil migrate”.',
    },
  ]
}
