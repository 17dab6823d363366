'use client'

import { useState } from 'react'
import { controlClass, Field, type FieldProps } from './field.tsx'

type Props = FieldProps & {
  autoComplete: 'current-password' | 'new-password'
  minLength?: number | undefined
}

/** A password with a button that shows it. Pasting and password managers work as everywhere (WCAG 3.3.8). */
export function PasswordInput({ name, id, label, hint, error, optional, autoComplete, minLength }: Props) {
  const [shown, setShown] = useState(false)
  return (
    <Field name={name} id={id} label={label} hint={hint} error={error} optional={optional}>
      {(control) => (
        <div className="flex gap-2">
          <input
            {...control}
            name={name}
            type={shown ? 'text' : 'password'}
            autoComplete={autoComplete}
            minLength={minLength}
            autoCapitalize="none"
            spellCheck={false}
            className={controlClass}
          />
          <button
            type="button"
            aria-controls={control.id}
            onClick={() => setShown(!shown)}
            className="min-h-(--control-height) w-20 shrink-0 rounded-lg border border-control bg-card font-semibold text-link hover:bg-info-tint"
          >
            {shown ? 'Hide' : 'Show'}
            <span className="sr-only"> {label.toLowerCase()}</span>
          </button>
          <span role="status" className="sr-only">
            {shown ? 'Your password is visible.' : ''}
          </span>
        </div>
      )}
    </Field>
  )
}
