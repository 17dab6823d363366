import { AppLink } from '#components/ui/app-link.tsx'
import { Notice } from '#components/ui/notice.tsx'
import { formatDateTimeForStaff } from '#lib/format.ts'
import { paths } from '#lib/paths.ts'
import type { SealView } from '#lib/oversight/seal/view.ts'

type Props = { seal: SealView; zone: string }

/** Whether the trail can be relied on: quiet when it can, a notice when it cannot. */
export function SealNote({ seal, zone }: Props) {
  const { state, verifiedLeaves, verifiedAt } = seal
  const verified =
    verifiedAt === null
      ? ''
      : `Verified through entry ${(verifiedLeaves ?? 0).toLocaleString('en-US')} on ${formatDateTimeForStaff(verifiedAt, zone)} (${zone})`
  if (state === 'changed')
    return (
      <Notice tone="warn" title="The trail was changed after it was sealed">
        {verified}: entries were edited, deleted or put in behind the product’s back.{' '}
        <AppLink href={paths.complianceIntegrity}>Integrity</AppLink> names each of them and says what to do
        next.
      </Notice>
    )
  if (state === 'stale')
    return (
      <Notice tone="warn" title="New entries are not being sealed">
        Entries have waited for more than a minute. They are complete and can be searched; until they are
        sealed, a change to them could go unnoticed. Tell whoever runs the server.
      </Notice>
    )
  const text = {
    intact: `${verified}: nothing was changed. New entries are sealed within seconds.`,
    unverified: 'Entries are sealed within seconds. The first verification has not run yet.',
    none: 'No entry is sealed yet.',
  }[state]
  return <p className="mb-6 text-sm text-muted">{text}</p>
}
