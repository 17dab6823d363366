import { AppLink } from '#components/ui/app-link.tsx'
import { DataTable } from '#components/ui/data-table.tsx'
import { EmptyState } from '#components/ui/empty-state.tsx'
import { Tag, type Tone } from '#components/ui/tag.tsx'
import { formatDateForStaff } from '#lib/format.ts'
import type { ReviewListView } from '#lib/oversight/reviews/view.ts'
import { paths } from '#lib/paths.ts'

const tones: Readonly<Record<ReviewListView['state'], Tone>> = {
  open: 'warn',
  'to-sign': 'info',
  signed: 'ok',
}

/** Reviews of access, newest first. */
export function ReviewTable({ reviews }: { reviews: readonly ReviewListView[] }) {
  return (
    <DataTable
      caption="Reviews of access, newest first"
      captionHidden
      rows={reviews}
      rowKey={({ reviewId }) => reviewId}
      empty={
        <EmptyState>
          No review yet. Once you have started one, it comes again by itself: every three months for
          administrators and compliance officers, every year for everybody else.
        </EmptyState>
      }
      columns={[
        {
          key: 'title',
          header: 'Whose access',
          rowHeader: true,
          cell: (review) => (
            <span className="block min-w-44">
              <AppLink href={paths.complianceReview(review.reviewId)}>{review.title}</AppLink>
            </span>
          ),
        },
        {
          key: 'state',
          header: 'State',
          cell: ({ state, stateText }) => <Tag tone={tones[state]}>{stateText}</Tag>,
        },
        {
          key: 'started',
          header: 'Started',
          cell: ({ startedAt, startedBy }) => (
            <>
              <span className="whitespace-nowrap">{formatDateForStaff(startedAt)}</span>
              <span className="block text-sm text-muted">{startedBy ?? 'by itself'}</span>
            </>
          ),
        },
        { key: 'due', header: 'Due', nowrap: true, cell: ({ dueAt }) => formatDateForStaff(dueAt) },
        { key: 'accounts', header: 'Accounts', align: 'end', cell: ({ accounts }) => accounts },
        { key: 'unanswered', header: 'Unanswered', align: 'end', cell: ({ unanswered }) => unanswered },
        { key: 'revoked', header: 'Ended', align: 'end', cell: ({ revoked }) => revoked },
      ]}
    />
  )
}
