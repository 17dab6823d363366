'use client'

import clsx from 'clsx'
import { useActionState, type ReactNode } from 'react'
import { CopyButton } from '#components/ui/copy-button.tsx'
import { keepTyped } from '#components/ui/keep-typed.ts'
import { SubmitButton } from '#components/ui/submit-button.tsx'
import { SecondFactorField } from '../../confirm/second-factor-field.tsx'
import { changePersonAction, type ChangeState } from './actions.ts'

type Props = {
  change:
    | 'role'
    | 'deactivate'
    | 'reactivate'
    | 'unlock'
    | 'invite-again'
    | 'end-session'
    | 'end-sessions'
    | 'last-day'
  accountId: string
  sessionId?: string
  label: string
  pendingText: string
  variant?: 'primary' | 'secondary' | 'danger' | 'quiet'
  children?: ReactNode
}

/** One change of a person, with its answer beside the button. */
export function ChangeForm({
  change,
  accountId,
  sessionId,
  label,
  pendingText,
  variant = 'secondary',
  children,
}: Props) {
  const [state, submit] = useActionState(changePersonAction, null)
  return (
    <form action={submit} ref={keepTyped} className="space-y-3">
      <input type="hidden" name="change" value={change} />
      <input type="hidden" name="account" value={accountId} />
      {sessionId && <input type="hidden" name="session" value={sessionId} />}
      {state?.change ? <ToConfirm change={state.change} /> : children}
      {state?.asks && (
        <SecondFactorField
          name="change-code"
          id={`change-code-${change}-${sessionId ?? accountId}`}
          asks={state.asks}
          why="We ask again, because this changes what somebody may do."
          error={state.message}
        />
      )}
      <SubmitButton variant={variant} pendingText={pendingText}>
        {state?.change ? `Make ${state.change.name}` : label}
      </SubmitButton>
      <p
        role="status"
        className={clsx('empty:hidden', state?.isFault ? 'font-semibold text-bad' : 'text-sm text-muted')}
      >
        {!state?.asks && state?.message}
      </p>
      {state?.code && (
        <p className="flex flex-wrap items-center gap-4">
          <code className="text-lg font-semibold">{state.code}</code>
          <CopyButton text={state.code} label="Copy the code" />
        </p>
      )}
    </form>
  )
}

/** What is to be confirmed is read out where the question was. */
const focus = (node: HTMLElement | null): void => node?.focus()

/** What a new role gives and takes away, before it is given. */
function ToConfirm({ change }: { change: NonNullable<NonNullable<ChangeState>['change']> }) {
  const { role, name, gains, loses } = change
  return (
    <div className="space-y-3">
      <input type="hidden" name="role" value={role} />
      <input type="hidden" name="confirmed" value={role} />
      <p tabIndex={-1} ref={focus}>
        New role: {name}. The person is signed out everywhere at once.
      </p>
      <Lines title="Gains" lines={gains} />
      <Lines title="Loses" lines={loses} />
    </div>
  )
}

function Lines({ title, lines }: { title: string; lines: readonly string[] }) {
  return (
    <div>
      <h3 className="text-base">{title}</h3>
      {lines.length === 0 ? (
        <p className="text-muted">Nothing</p>
      ) : (
        <ul className="list-disc space-y-1 pl-5 text-sm">
          {lines.map((line) => (
            <li key={line}>{line}</li>
          ))}
        </ul>
      )}
    </div>
  )
}
