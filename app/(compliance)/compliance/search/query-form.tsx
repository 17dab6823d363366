'use client'

import { useActionState } from 'react'
import { ErrorSummary } from '#components/ui/error-summary.tsx'
import { SubmitButton } from '#components/ui/submit-button.tsx'
import { TextInput } from '#components/ui/text-input.tsx'
import { queryTrailAction } from './actions.ts'

/** The search as one typed line; it opens as the form that it stands for. */
export function QueryForm({ initial }: { initial: string }) {
  const [state, submit] = useActionState(queryTrailAction, null)
  const problems = state?.problems ?? []
  return (
    <form
      action={submit}
      aria-label="Typed search"
      data-card
      className="space-y-3 rounded-xl border border-line bg-card p-(--gap) print:hidden"
      noValidate
    >
      {problems.length > 0 && <ErrorSummary errors={problems} />}
      <TextInput
        name="query"
        label="Search as typed words"
        hint={
          <>
            For example <code>who:&quot;Nadia Osei&quot; -outcome:ALLOWED last:7d</code>. Words: family,
            given, born, mrn, who, role, action, part, field, outcome, purpose, emergency, unexplained,
            address, session, request, last, from, to, zone. A minus in front of who, role, action, part,
            outcome or purpose: all but that.
          </>
        }
        defaultValue={state?.query ?? initial}
        key={state?.query ?? initial}
        error={problems[0]?.message}
        autoComplete="off"
        spellCheck={false}
      />
      <SubmitButton variant="secondary" pendingText="Searching…">
        Search by words
      </SubmitButton>
    </form>
  )
}
