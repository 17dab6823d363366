import { Tag } from '#components/ui/tag.tsx'
import { formatDateTimeForStaff } from '#lib/format.ts'
import type { EntrySealView } from '#lib/oversight/trail/view.ts'

type Props = { seal: EntrySealView; zone: string }

/** Whether an entry can be proven: a badge, and in a sentence what it rests on. */
export function EntrySeal({ seal, zone }: Props) {
  if (seal === null)
    return (
      <p className="flex flex-wrap items-center gap-x-3 gap-y-1">
        <Tag tone="neutral">Not sealed yet</Tag> Entries are sealed within seconds of being written.
      </p>
    )
  const { verified } = seal
  const place = `It is leaf ${Number(seal.leaf).toLocaleString('en-US')} of the signed tree, sealed ${formatDateTimeForStaff(seal.sealedAt, zone)} (${zone})`
  if (verified === null)
    return (
      <p className="flex flex-wrap items-center gap-x-3 gap-y-1">
        <Tag tone="info">Sealed</Tag> {place}; the next verification covers it.
      </p>
    )
  const at = formatDateTimeForStaff(verified.at, zone)
  return (
    <p className="flex flex-wrap items-center gap-x-3 gap-y-1">
      {verified.ok ? <Tag tone="ok">Sealed and verified</Tag> : <Tag tone="bad">Verification failed</Tag>}{' '}
      {place}.{' '}
      {verified.ok
        ? `The verification on ${at} read it and found the whole trail as it was sealed.`
        : `The verification on ${at} found that entries of the trail were changed: see its findings before relying on this one.`}
    </p>
  )
}
