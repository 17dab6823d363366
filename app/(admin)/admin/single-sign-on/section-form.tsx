'use client'

import { useActionState, type ReactNode } from 'react'
import { CopyButton } from '#components/ui/copy-button.tsx'
import { ErrorSummary } from '#components/ui/error-summary.tsx'
import { errorFor } from '#components/ui/field-error.ts'
import { Notice } from '#components/ui/notice.tsx'
import { Select } from '#components/ui/select.tsx'
import { TextInput } from '#components/ui/text-input.tsx'
import { SecondFactorField } from '../../../confirm/second-factor-field.tsx'
import { saveSingleSignOn } from './actions.ts'

type Props = {
  /** names the form's fields, and the form */
  section: string
  label: string
  /** words and roles, where one can be added */
  add?: readonly { value: string; label: string }[]
  children: ReactNode
}

/** One part of the page: what stands in it, the answer, and once for all its buttons the second factor. */
export function SectionForm({ section, label, add, children }: Props) {
  const [state, submit] = useActionState(saveSingleSignOn, {
    errors: [],
    asks: false,
    said: null,
    token: null,
    word: '',
    role: '',
    pressed: add === undefined ? '' : 'add-word',
  })
  return (
    <form action={submit} aria-label={label} noValidate className="space-y-4">
      <input type="hidden" name="section" value={section} />
      {/* The first button of a form is the one that Enter presses: not whichever row comes first. */}
      <button type="submit" name="do" value={state.pressed} hidden aria-hidden="true" tabIndex={-1} />
      <ErrorSummary errors={state.errors} />
      <p role="status" className="font-semibold text-ok empty:hidden">
        {state.said}
      </p>
      {state.token !== null && (
        <Notice tone="ok" title="The new token">
          <p>Put it into your provider now. It is good for a year and is not shown again.</p>
          <p className="mt-2 flex flex-wrap items-center gap-4">
            <code className="min-w-0 font-semibold break-all">{state.token}</code>
            <CopyButton text={state.token} label="Copy the token" />
          </p>
        </Notice>
      )}
      {state.asks && (
        <SecondFactorField
          name={`${section}-code`}
          asks={state.asks}
          why="We ask again, because this changes how people get in."
          error={errorFor(state.errors, `${section}-code`)}
        />
      )}
      {add && (
        <div key={`${state.word} ${state.role}`} className="grid items-end gap-4 sm:grid-cols-2">
          <TextInput
            name="word"
            label="Word of the provider"
            hint="A group or an app role, letter by letter."
            autoComplete="off"
            autoCapitalize="none"
            spellCheck={false}
            maxLength={200}
            defaultValue={state.word}
            error={errorFor(state.errors, 'word')}
          />
          <Select
            name="role"
            label="Stands for the role"
            emptyLabel="Choose"
            options={add}
            defaultValue={state.role}
            error={errorFor(state.errors, 'role')}
          />
        </div>
      )}
      {children}
    </form>
  )
}
