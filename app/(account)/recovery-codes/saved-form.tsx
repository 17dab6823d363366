'use client'

import { useActionState } from 'react'
import { Choice } from '#components/ui/choice.tsx'
import { ErrorSummary } from '#components/ui/error-summary.tsx'
import { SubmitButton } from '#components/ui/submit-button.tsx'
import { confirmSaved } from './actions.ts'

export function SavedForm() {
  const [state, action] = useActionState(confirmSaved, { errors: [] })
  return (
    <form action={action} className="space-y-5 print:hidden" noValidate>
      <ErrorSummary errors={state.errors} />
      <Choice type="checkbox" id="saved" name="saved" value="yes" label="I saved them" framed />
      <SubmitButton>Continue</SubmitButton>
    </form>
  )
}
