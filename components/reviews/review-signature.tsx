import { Card } from '#components/ui/card.tsx'
import { Notice } from '#components/ui/notice.tsx'
import { SummaryList } from '#components/ui/summary-list.tsx'
import { formatDateTimeForStaff } from '#lib/format.ts'
import type { ReviewView } from '#lib/oversight/reviews/view.ts'

/** Who signed a result and when, and whether the answers are still what was signed. */
export function ReviewSignature({ signature }: { signature: NonNullable<ReviewView['signature']> }) {
  return (
    <Card title="Signed" icon="check" tone={signature.holds ? 'ok' : 'bad'}>
      <div className="space-y-4">
        {!signature.holds && (
          <Notice tone="bad" title="The answers are not what was signed">
            Somebody changed this review behind the product’s back. Run “vigil audit verify”, and compare with
            a printed result.
          </Notice>
        )}
        <SummaryList
          items={[
            { label: 'By', value: signature.by },
            { label: 'At', value: formatDateTimeForStaff(signature.at) },
            {
              label: 'Fingerprint',
              value: <code className="text-sm break-all">{signature.digest}</code>,
            },
          ]}
        />
      </div>
    </Card>
  )
}
