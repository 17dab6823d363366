'use client'

import { useActionState } from 'react'
import { ErrorSummary } from '#components/ui/error-summary.tsx'
import { errorFor } from '#components/ui/field-error.ts'
import { Notice } from '#components/ui/notice.tsx'
import { SubmitButton } from '#components/ui/submit-button.tsx'
import { TextInput } from '#components/ui/text-input.tsx'
import { askForLink } from './actions.ts'

export function ForgotPasswordForm() {
  const [state, action] = useActionState(askForLink, { errors: [], email: '', isAsked: false })
  if (state.isAsked)
    return (
      <div role="status">
        <Notice title="Look into your email">
          If there is an account with this address, an email is on its way. Its link works for 30 minutes.
          Nothing there? Look among unwanted mail, or ask again in a few minutes.
        </Notice>
      </div>
    )
  return (
    <form action={action} className="space-y-5" noValidate>
      <ErrorSummary errors={state.errors} />
      <TextInput
        name="email"
        label="Email"
        type="email"
        autoComplete="username"
        autoCapitalize="none"
        spellCheck={false}
        maxLength={254}
        defaultValue={state.email}
        error={errorFor(state.errors, 'email')}
      />
      <SubmitButton pendingText="Sending…">Send me a link</SubmitButton>
    </form>
  )
}
