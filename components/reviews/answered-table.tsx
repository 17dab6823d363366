import { DataTable } from '#components/ui/data-table.tsx'
import { Tag } from '#components/ui/tag.tsx'
import { formatDateTimeForStaff } from '#lib/format.ts'
import type { ReviewAnswerView, ReviewItemView } from '#lib/oversight/reviews/view.ts'

type Answered = ReviewItemView & { readonly answer: ReviewAnswerView }

/** Accounts of a review that were answered for. */
export function AnsweredTable({ items }: { items: readonly Answered[] }) {
  return (
    <DataTable
      caption="Accounts that are answered for"
      captionHidden
      rows={items}
      rowKey={({ itemId }) => itemId}
      empty={null}
      columns={[
        {
          key: 'name',
          header: 'Person',
          rowHeader: true,
          cell: ({ name, jobTitle, roleName }) => (
            <>
              <span className="font-semibold">{name}</span>
              <span className="block text-sm text-muted">{jobTitle || roleName}</span>
            </>
          ),
        },
        { key: 'role', header: 'Role then', cell: ({ roleName }) => roleName },
        {
          key: 'answer',
          header: 'Answer',
          cell: ({ answer }) => <Tag tone={answer.tone}>{answer.text}</Tag>,
        },
        {
          key: 'by',
          header: 'By',
          cell: ({ answer }) => (
            <>
              {answer.by ?? 'Nobody: the deadline'}
              <span className="block text-sm whitespace-nowrap text-muted">
                {formatDateTimeForStaff(answer.at)}
              </span>
            </>
          ),
        },
        { key: 'note', header: 'Note', cell: ({ answer }) => answer.note ?? '' },
        {
          key: 'use',
          header: '90 days before',
          cell: ({ evidence, lastUseAt }) => (
            <>
              {evidence[0]?.value}
              <span className="block text-sm text-muted">
                {lastUseAt === null ? 'Never used' : `Last used ${formatDateTimeForStaff(lastUseAt)}`}
              </span>
            </>
          ),
        },
      ]}
    />
  )
}
