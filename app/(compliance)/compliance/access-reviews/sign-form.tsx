'use client'

import { useActionState } from 'react'
import { ErrorSummary } from '#components/ui/error-summary.tsx'
import { errorFor } from '#components/ui/field-error.ts'
import { SubmitButton } from '#components/ui/submit-button.tsx'
import type { AskedFactors } from '#lib/auth/second-factors.ts'
import { SecondFactorField } from '../../../confirm/second-factor-field.tsx'
import { signReviewAction } from './actions.ts'

/** The signature under a result. */
export function SignForm({ reviewId, asks }: { reviewId: string; asks: AskedFactors }) {
  const [state, submit] = useActionState(signReviewAction, null)
  const errors = state?.errors ?? []
  const asked = state?.asks || asks
  return (
    <form action={submit} aria-label="Signature" noValidate className="space-y-5 print:hidden">
      <input type="hidden" name="review" value={reviewId} />
      <ErrorSummary errors={errors} />
      <p className="max-w-[66ch]">
        You sign that every account was looked at and answered for. Your name, the time and the result’s
        fingerprint go into the sealed audit trail.
      </p>
      {asked && (
        <SecondFactorField name="signature-code" asks={asked} error={errorFor(errors, 'signature-code')} />
      )}
      <SubmitButton pendingText="Signing…">Sign result</SubmitButton>
    </form>
  )
}
