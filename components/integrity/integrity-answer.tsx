import { Answer } from '#components/ui/answer.tsx'
import { Notice } from '#components/ui/notice.tsx'
import { formatDateTimeForStaff } from '#lib/format.ts'
import type { IntegrityView } from '#lib/oversight/integrity/view.ts'

type Props = { view: IntegrityView; zone: string }

/** The answer in a sentence: verified through which entry, when, and what is wrong if anything is. */
export function IntegrityAnswer({ view, zone }: Props) {
  const { verified, entries } = view
  const count = (value: number): string => value.toLocaleString('en-US')
  return (
    <div className="space-y-4">
      {view.isStale && (
        <Notice tone="warn" title="New entries are not being sealed">
          Entries have waited for more than a minute. They are complete; until they are sealed, a change to
          them could go unnoticed. Tell whoever runs the server.
        </Notice>
      )}
      {verified === null ? (
        <Answer>
          <p>
            {entries === 0
              ? 'No entry is sealed yet.'
              : `${count(entries)} entries are sealed. The first check has not run yet.`}
          </p>
        </Answer>
      ) : verified.ok ? (
        <Answer>
          <p>
            <strong>Nothing was changed.</strong> Verified through entry{' '}
            <strong>{count(verified.entries)}</strong> on{' '}
            <strong>{formatDateTimeForStaff(verified.at, zone)}</strong> ({zone}). {count(entries)} entries
            are sealed.
          </p>
        </Answer>
      ) : (
        <Notice tone="bad" title="The trail is not what it was when it was sealed">
          {`A check on ${formatDateTimeForStaff(verified.at, zone)} (${zone}) found what is listed below. It stays until a check of everything finds nothing any more.`}
        </Notice>
      )}
    </div>
  )
}
