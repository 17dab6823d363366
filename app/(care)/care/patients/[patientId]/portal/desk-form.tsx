'use client'

import { useActionState } from 'react'
import { Button } from '#components/ui/button.tsx'
import { CheckboxGroup } from '#components/ui/checkbox-group.tsx'
import { CopyButton } from '#components/ui/copy-button.tsx'
import { ErrorSummary } from '#components/ui/error-summary.tsx'
import { errorFor } from '#components/ui/field-error.ts'
import { Notice } from '#components/ui/notice.tsx'
import { SubmitButton } from '#components/ui/submit-button.tsx'
import { SummaryList } from '#components/ui/summary-list.tsx'
import { TextInput } from '#components/ui/text-input.tsx'
import { SecondFactorField } from '../../../../../confirm/second-factor-field.tsx'
import type { DeskState } from './actions.ts'

type Props = {
  action: (state: DeskState | null, data: FormData) => Promise<DeskState>
  /** where the letter comes from */
  letterAction: string
  /** the login has an owner already: it keeps its address */
  again: boolean
  /** from the record, to begin with */
  email: string
  name: string
  birthDate: string
  /** kinds that can be ticked */
  documents: readonly { value: string; label: string }[]
}

/** The next step begins where the last one ended, also for whoever listens. */
const focus = (node: HTMLElement | null): void => node?.focus()

/** Step 1: which documents were seen. Step 2: the same person, and a fresh second factor. Then the code, once. */
export function DeskForm({ action, letterAction, again, email, name, birthDate, documents }: Props) {
  const [state, submit] = useActionState(action, null)
  if (state?.step === 'done') return <HandedOut state={state} letterAction={letterAction} />
  if (state?.step === 'confirm')
    return <Confirm state={state} submit={submit} again={again} shown={{ name, birthDate, documents }} />
  const problems = state?.problems ?? []
  return (
    <form action={submit} key={JSON.stringify(state)} className="space-y-5" noValidate>
      {problems.length > 0 && <ErrorSummary errors={problems} />}
      <h3 className="text-base">Step 1 of 2: what you have seen</h3>
      <CheckboxGroup
        name="documents"
        legend="Which documents did you see?"
        hint="One with a photograph, or two without. We keep which kinds, never a number."
        defaultValues={state?.documents ?? []}
        error={errorFor(problems, 'documents')}
        options={documents}
      />
      {!again && (
        <TextInput
          name="email"
          label="E-mail address to sign in with"
          hint="The patient’s own. We write there when something about the login changes."
          type="email"
          width="long"
          autoComplete="off"
          spellCheck={false}
          defaultValue={state?.email ?? email}
          error={errorFor(problems, 'email')}
        />
      )}
      <SubmitButton pendingText="Checking…">Continue</SubmitButton>
    </form>
  )
}

type ConfirmProps = {
  state: Extract<DeskState, { step: 'confirm' }>
  submit: (data: FormData) => void
  again: boolean
  shown: Pick<Props, 'name' | 'birthDate' | 'documents'>
}

/** The second step. Going back is a form of its own: the other one has a single button, which a passkey presses too. */
function Confirm({ state, submit, again, shown: { name, birthDate, documents } }: ConfirmProps) {
  const { problems, asks } = state
  const given = (
    <>
      <input type="hidden" name="step" value="confirm" />
      {state.documents.map((value) => (
        <input key={value} type="hidden" name="documents" value={value} />
      ))}
      <input type="hidden" name="email" value={state.email} />
    </>
  )
  return (
    <div key={JSON.stringify(state)} className="space-y-3">
      <form action={submit} className="space-y-5" noValidate>
        {problems.length > 0 && <ErrorSummary errors={problems} />}
        <h3 tabIndex={-1} ref={problems.length === 0 ? focus : null} className="text-base">
          Step 2 of 2: the same person
        </h3>
        {given}
        <SummaryList
          items={[
            { label: 'Name on the record', value: name },
            { label: 'Birth date', value: birthDate },
            {
              label: 'Documents seen',
              value: documents
                .filter(({ value }) => state.documents.includes(value))
                .map(({ label }) => label)
                .join(', '),
            },
            ...(again ? [] : [{ label: 'Signs in with', value: state.email }]),
          ]}
        />
        <CheckboxGroup
          name="same-person"
          legend="Is this the patient?"
          defaultValues={state.isSame ? ['yes'] : []}
          error={errorFor(problems, 'same-person')}
          options={[
            {
              value: 'yes',
              label: 'Name, birth date and picture fit the person in front of me',
              hint: again
                ? 'When the code is used, the old password, phone, passkeys and recovery codes stop working.'
                : 'When the code is used, it opens the whole record to whoever has it.',
            },
          ]}
        />
        {asks && (
          <SecondFactorField
            name="desk-code"
            asks={asks}
            why="We ask again, because this lets somebody in."
            error={errorFor(problems, 'desk-code')}
          />
        )}
        <SubmitButton pendingText="Making the code…">Hand out the code</SubmitButton>
      </form>
      <form action={submit}>
        {given}
        <input type="hidden" name="back" value="yes" />
        <SubmitButton variant="quiet" pendingText="Going back…">
          Back
        </SubmitButton>
      </form>
    </div>
  )
}

/** The code, shown here and nowhere again, and the letter to take home. */
function HandedOut({
  state,
  letterAction,
}: {
  state: Extract<DeskState, { step: 'done' }>
  letterAction: string
}) {
  return (
    <Notice tone="ok" title={state.again ? 'A new code is ready' : 'The code is ready'}>
      <p tabIndex={-1} ref={focus}>
        It works once, for 14 days, together with the patient’s birth date, and is not shown again. Print the
        letter and give it to the patient.
      </p>
      <p className="mt-2 flex flex-wrap items-center gap-4">
        <code className="text-lg font-semibold">{state.code}</code>
        <CopyButton text={state.code} label="Copy the code" />
      </p>
      <form action={letterAction} method="post" className="mt-3">
        <input type="hidden" name="code" value={state.code} />
        <Button type="submit">Letter to print (PDF)</Button>
      </form>
    </Notice>
  )
}
