'use client'

import { useActionState } from 'react'
import { Choice } from '#components/ui/choice.tsx'
import { SubmitButton } from '#components/ui/submit-button.tsx'
import { TextInput } from '#components/ui/text-input.tsx'
import { saveViewAction } from './actions.ts'

/** Keeps the open search under a name. */
export function SaveViewForm({ search }: { search: string }) {
  const [state, submit] = useActionState(saveViewAction, null)
  return (
    <form action={submit} aria-label="Save this search" className="space-y-3" noValidate>
      <input type="hidden" name="search" value={search} />
      <TextInput
        name="name"
        label="Name of the view"
        width="long"
        defaultValue={state?.name ?? ''}
        error={state?.problem?.message}
        autoComplete="off"
      />
      <Choice
        type="checkbox"
        id="shared"
        name="shared"
        value="yes"
        label="Share it with the other compliance officers"
        defaultChecked={state?.isShared}
      />
      <div className="flex flex-wrap items-center gap-4">
        <SubmitButton variant="secondary" pendingText="Saving…">
          Save view
        </SubmitButton>
        <p role="status">{state?.isSaved ? 'Saved. It stands among the views on this page.' : ''}</p>
      </div>
    </form>
  )
}
