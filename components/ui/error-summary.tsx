'use client'

import { useEffect, useRef, type MouseEvent } from 'react'
import type { FieldError } from './field-error.ts'

/**
 * "There is a problem", with a link to every field that needs another look. It takes the focus when it appears, because the button that
 * was pressed is far below. An error that belongs to no field has an empty `field` and is plain text.
 */
export function ErrorSummary({ errors }: { errors: readonly FieldError[] }) {
  const box = useRef<HTMLDivElement>(null)
  useEffect(() => {
    if (errors.length > 0) box.current?.focus()
  }, [errors])
  if (errors.length === 0) return null
  return (
    <div
      ref={box}
      role="alert"
      tabIndex={-1}
      data-quiet-focus
      aria-labelledby="error-summary-title"
      className="rounded-xl border-2 border-bad bg-card px-5 py-4"
    >
      <h2 id="error-summary-title">There is a problem</h2>
      <ul className="mt-2 space-y-1">
        {errors.map(({ field, message }) => (
          <li key={field + message}>
            {field ? (
              <a href={`#${field}`} onClick={focusField} className="font-semibold text-bad">
                {message}
              </a>
            ) : (
              <span className="font-semibold text-bad">{message}</span>
            )}
          </li>
        ))}
      </ul>
    </div>
  )
}

/** A jump alone would move the view and leave the focus behind; a group is entered at its first control. */
function focusField(event: MouseEvent<HTMLAnchorElement>) {
  const target = document.getElementById(event.currentTarget.hash.slice(1))
  const control = target?.matches('input, select, textarea')
    ? target
    : target?.querySelector<HTMLElement>('input, select, textarea')
  if (!control) return
  event.preventDefault()
  control.focus()
  target?.scrollIntoView({ block: 'center' })
}
