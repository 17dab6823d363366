import type { ReactNode } from 'react'
import { Shape } from './shape.tsx'

export type FieldProps = {
  /** Name of the value in the form, and the id of the control unless `id` says otherwise. */
  name: string
  id?: string | undefined
  label: string
  hint?: ReactNode
  error?: string | undefined
  /** Adds "(optional)" to the label. Everything else is needed; there are no asterisks. */
  optional?: boolean | undefined
}

type Control = { id: string; 'aria-describedby': string | undefined; 'aria-invalid': true | undefined }

/** Label, hint and error around one control. The control gets its id and what describes it. */
export function Field({
  name,
  id = name,
  label,
  hint,
  error,
  optional,
  children,
}: FieldProps & { children: (control: Control) => ReactNode }) {
  return (
    <div className="min-w-0">
      <label htmlFor={id} className="block font-semibold">
        {label}
        {optional && <span className="font-normal text-muted"> (optional)</span>}
      </label>
      {hint && (
        <div id={`${id}-hint`} className="text-sm text-muted">
          {hint}
        </div>
      )}
      {error && <FieldErrorText id={`${id}-error`}>{error}</FieldErrorText>}
      <div className="mt-1.5">
        {children({
          id,
          'aria-describedby': describedBy(id, hint, error),
          'aria-invalid': error ? true : undefined,
        })}
      </div>
    </div>
  )
}

/** The sentence beside a field that says what to change. */
export function FieldErrorText({ id, children }: { id: string; children: ReactNode }) {
  return (
    <p id={id} className="mt-0.5 flex items-baseline gap-1.5 font-semibold text-bad">
      <Shape name="diamond" className="translate-y-px" />
      <span>
        <span className="sr-only">Error: </span>
        {children}
      </span>
    </p>
  )
}

/** Ids for `aria-describedby`: error first, as that is what must be heard. */
export function describedBy(id: string, hint: ReactNode, error: string | undefined): string | undefined {
  return [error && `${id}-error`, hint ? `${id}-hint` : undefined].filter(Boolean).join(' ') || undefined
}

/** The look of every text-like control. Its border is 3:1 against the card and turns thick and red on error. */
export const controlClass =
  'block w-full rounded-lg border border-control bg-card px-3 py-1 leading-6 min-h-(--control-height) text-(length:--text-control) text-ink ' +
  'aria-invalid:border-2 aria-invalid:border-bad'
