'use client'

import { useState, type TextareaHTMLAttributes } from 'react'
import { controlClass, Field, type FieldProps } from './field.tsx'

type Props = FieldProps &
  Omit<TextareaHTMLAttributes<HTMLTextAreaElement>, 'name' | 'id' | 'style' | 'className' | 'maxLength'> & {
    /** The most characters that will be accepted. Typing goes on beyond it: cutting off what someone pastes loses words unseen. */
    limit?: number | undefined
  }

/**
 * Several lines of text with a count of what is left. The count is spoken only in the last 200 characters, by the ten.
 * Browsers are told not to keep clinical text (`autoComplete="off"`).
 */
export function TextArea({
  name,
  id = name,
  label,
  hint,
  error,
  optional,
  limit,
  rows = 6,
  onChange,
  ...area
}: Props) {
  const [length, setLength] = useState(String(area.value ?? area.defaultValue ?? '').length)
  const left = (limit ?? 0) - length
  return (
    <Field name={name} id={id} label={label} hint={hint} error={error} optional={optional}>
      {(control) => (
        <>
          <textarea
            autoComplete="off"
            rows={rows}
            {...area}
            {...control}
            name={name}
            aria-describedby={
              [control['aria-describedby'], limit === undefined ? undefined : `${id}-count`]
                .filter(Boolean)
                .join(' ') || undefined
            }
            onChange={(event) => {
              setLength(event.target.value.length)
              onChange?.(event)
            }}
            className={`${controlClass} resize-y py-2 leading-normal`}
          />
          {limit !== undefined && (
            <>
              <p
                id={`${id}-count`}
                className={`mt-1 text-sm ${left < 0 ? 'font-semibold text-bad' : 'text-muted'}`}
              >
                {countText(left)}
              </p>
              <span role="status" className="sr-only">
                {left <= 200 ? countText(left < 0 ? left : Math.ceil(left / 10) * 10) : ''}
              </span>
            </>
          )}
        </>
      )}
    </Field>
  )
}

function countText(left: number): string {
  const count = Math.abs(left).toLocaleString('en-US')
  const noun = Math.abs(left) === 1 ? 'character' : 'characters'
  return left < 0 ? `${count} ${noun} too many` : `${count} ${noun} left`
}
