import type { Metadata } from 'next'
import { ReviewTable } from '#components/reviews/review-table.tsx'
import { Card } from '#components/ui/card.tsx'
import { PageHeader } from '#components/ui/page-header.tsx'
import { Section } from '#components/ui/section.tsx'
import { requireActor } from '#lib/auth/require-actor.ts'
import { factorsToAskFor } from '#lib/auth/second-factors.ts'
import { listReviews } from '#lib/oversight/reviews/list-reviews.ts'
import { ComplianceFrame } from '../../compliance-frame.tsx'
import { StartForm } from './start-form.tsx'

export const metadata: Metadata = { title: 'Access reviews' }

/** Reviews of who still needs their access, and the way to begin one. */
export default async function AccessReviewsPage() {
  const actor = await requireActor('compliance')
  const [reviews, asks] = await Promise.all([listReviews(actor), factorsToAskFor(actor)])
  return (
    <ComplianceFrame actor={actor} current="reviews">
      <PageHeader
        title="Access reviews"
        lead="Does everybody who can sign in still need to? Somebody else than the person answers for each account."
      />
      <Section title="Reviews">
        <ReviewTable reviews={reviews} />
      </Section>
      <Card title="Start a review" icon="users">
        <StartForm asks={asks} />
      </Card>
    </ComplianceFrame>
  )
}
