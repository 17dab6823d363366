import { Notice } from '#components/ui/notice.tsx'
import { SummaryList } from '#components/ui/summary-list.tsx'
import { formatDateTimeForStaff, plural } from '#lib/format.ts'
import type { ReviewItemView } from '#lib/oversight/reviews/view.ts'

/** What an account did in the 90 days before the review, and what its role allows beyond that. */
export function ReviewEvidence({ item }: { item: ReviewItemView }) {
  return (
    <div className="space-y-4">
      {item.changed && <Notice tone="warn">{item.changed}</Notice>}
      <SummaryList
        items={[
          {
            label: 'Last used',
            value: item.lastUseAt === null ? 'Never' : formatDateTimeForStaff(item.lastUseAt),
          },
          ...item.evidence,
          {
            label: 'Allowed, not used',
            value:
              item.unused.length === 0 ? (
                'Nothing'
              ) : (
                <details>
                  <summary className="text-link">{plural(item.unused.length, 'part')} of the role</summary>
                  <ul className="mt-1 list-disc space-y-0.5 pl-5">
                    {item.unused.map((about) => (
                      <li key={about}>{about}</li>
                    ))}
                  </ul>
                </details>
              ),
          },
        ]}
      />
    </div>
  )
}
