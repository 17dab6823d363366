'use client'

import type { ButtonHTMLAttributes } from 'react'
import { useFormStatus } from 'react-dom'
import { buttonClass, type ButtonVariant } from './button-class.ts'

type Props = Omit<
  ButtonHTMLAttributes<HTMLButtonElement>,
  'style' | 'className' | 'disabled' | 'type' | 'children'
> & {
  children: string
  /** What the button says while the form is on its way: "Saving…". */
  pendingText?: string | undefined
  variant?: ButtonVariant | undefined
}

/** Sends its form once: while the answer is awaited it keeps the focus, says so, and a second press does nothing. */
export function SubmitButton({
  children,
  pendingText = 'Sending…',
  variant = 'primary',
  onClick,
  ...button
}: Props) {
  const { pending } = useFormStatus()
  return (
    <button
      {...button}
      type="submit"
      aria-disabled={pending || undefined}
      onClick={(event) => {
        if (pending) event.preventDefault()
        else onClick?.(event)
      }}
      className={`${buttonClass(variant)} aria-disabled:opacity-80`}
    >
      <span aria-live="polite">{pending ? pendingText : children}</span>
    </button>
  )
}
