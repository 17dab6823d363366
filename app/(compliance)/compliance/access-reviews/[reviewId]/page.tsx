import type { Metadata } from 'next'
import { notFound } from 'next/navigation'
import { AnsweredTable } from '#components/reviews/answered-table.tsx'
import { ReviewEvidence } from '#components/reviews/review-evidence.tsx'
import { ReviewSignature } from '#components/reviews/review-signature.tsx'
import { Card } from '#components/ui/card.tsx'
import { Details } from '#components/ui/details.tsx'
import { Notice } from '#components/ui/notice.tsx'
import { PageHeader } from '#components/ui/page-header.tsx'
import { PageStatus } from '#components/ui/page-status.tsx'
import { PrintButton } from '#components/ui/print-button.tsx'
import { Section } from '#components/ui/section.tsx'
import { requireActor } from '#lib/auth/require-actor.ts'
import { factorsToAskFor } from '#lib/auth/second-factors.ts'
import { formatDateForStaff, plural } from '#lib/format.ts'
import { openReview } from '#lib/oversight/reviews/open-review.ts'
import type { ReviewAnswerView, ReviewItemView } from '#lib/oversight/reviews/view.ts'
import { paths } from '#lib/paths.ts'
import { ComplianceFrame } from '../../../compliance-frame.tsx'
import { AnswerForm } from '../answer-form.tsx'
import { SignForm } from '../sign-form.tsx'

export const metadata: Metadata = { title: 'Access review' }

type Props = { params: Promise<{ reviewId: string }>; searchParams: Promise<{ done?: string | string[] }> }

const roles = [
  { value: 'nurse', label: 'Nurse' },
  { value: 'clinician', label: 'Clinician' },
  { value: 'billing', label: 'Billing' },
]

/** One review: what each account did, the answers, and the signature. Printed, it is the result. */
export default async function AccessReviewPage({ params, searchParams }: Props) {
  const actor = await requireActor('compliance')
  const [{ reviewId }, { done }, asks] = await Promise.all([params, searchParams, factorsToAskFor(actor)])
  const review = await openReview(actor, reviewId)
  if (!review) notFound()
  const open = review.items.filter(({ answer }) => answer === null)
  const answered = review.items.filter(
    (item): item is ReviewItemView & { answer: ReviewAnswerView } => item.answer !== null,
  )
  return (
    <ComplianceFrame actor={actor} current="reviews">
      <PageHeader
        title={`Access review: ${review.title.toLowerCase()}`}
        lead={`Started ${formatDateForStaff(review.startedAt)} by ${review.startedBy ?? 'the schedule'}, due ${formatDateForStaff(review.dueAt)}. Opening it is recorded.`}
        back={{ href: paths.complianceReviews, label: 'Access reviews' }}
        actions={<PrintButton />}
      />
      <PageStatus>
        {done === 'answered'
          ? `The answer was saved. ${plural(open.length, 'account')} left.`
          : done === 'signed'
            ? 'The result is signed.'
            : undefined}
      </PageStatus>
      {review.signature ? (
        <ReviewSignature signature={review.signature} />
      ) : open.length === 0 ? (
        <Card title="Sign the result" icon="check">
          <SignForm reviewId={reviewId} asks={asks} />
        </Card>
      ) : (
        <Notice tone={review.isOpen ? 'info' : 'warn'}>
          {review.isOpen
            ? `${plural(open.length, 'account')} of ${review.items.length} to answer for. Access that nobody answered for by ${formatDateForStaff(review.dueAt)} ends; the last administrator and the last compliance officer stay.`
            : 'The deadline has passed. What is unanswered is being ended within the hour.'}
        </Notice>
      )}
      {open.length > 0 && (
        <Section title="To answer">
          {open.map((item) => (
            <Card key={item.itemId} title={item.name} aside={item.jobTitle || item.roleName} level={3}>
              <div className="space-y-5">
                <ReviewEvidence item={item} />
                {item.isSelf ? (
                  <Notice>This is your own account. Another compliance officer answers for it.</Notice>
                ) : (
                  review.isOpen && (
                    <Details summary={`Answer for ${item.name}`}>
                      <AnswerForm
                        reviewId={reviewId}
                        itemId={item.itemId}
                        name={item.name}
                        roles={roles.filter(({ value }) => value !== item.presentRole)}
                        asks={asks}
                      />
                    </Details>
                  )
                )}
              </div>
            </Card>
          ))}
        </Section>
      )}
      {answered.length > 0 && (
        <Section title="Answered">
          <AnsweredTable items={answered} />
        </Section>
      )}
    </ComplianceFrame>
  )
}
