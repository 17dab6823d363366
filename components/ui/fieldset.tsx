import type { ReactNode } from 'react'
import { describedBy, FieldErrorText } from './field.tsx'

export type FieldsetProps = {
  /** Id of the group; the error summary links to it. */
  id: string
  legend: string
  hint?: ReactNode
  error?: string | undefined
  optional?: boolean | undefined
}

/** Question, hint and error around a group of controls. */
export function Fieldset({
  id,
  legend,
  hint,
  error,
  optional,
  children,
}: FieldsetProps & { children: ReactNode }) {
  return (
    <fieldset id={id} aria-describedby={describedBy(id, hint, error)} className="min-w-0">
      <legend className="font-semibold">
        {legend}
        {optional && <span className="font-normal text-muted"> (optional)</span>}
      </legend>
      {hint && (
        <div id={`${id}-hint`} className="text-sm text-muted">
          {hint}
        </div>
      )}
      {error && <FieldErrorText id={`${id}-error`}>{error}</FieldErrorText>}
      <div className="mt-1.5">{children}</div>
    </fieldset>
  )
}
