import clsx from 'clsx'
import type { InputHTMLAttributes, ReactNode } from 'react'

export type ChoiceOption = { value: string; label: string; hint?: ReactNode }

type Props = Omit<InputHTMLAttributes<HTMLInputElement>, 'style' | 'className' | 'type' | 'id'> & {
  type: 'radio' | 'checkbox'
  id: string
  label: ReactNode
  hint?: ReactNode
  /** A framed row for choices whose consequences take a sentence. */
  framed?: boolean | undefined
}

/** One radio button or checkbox with its label; the whole row is the target. */
export function Choice({ type, id, label, hint, framed = false, ...input }: Props) {
  return (
    <div
      className={clsx(
        'flex min-h-(--control-height) items-start gap-3',
        framed &&
          'rounded-lg border border-line-strong bg-card px-4 py-2.5 has-checked:border-primary has-checked:bg-info-tint',
      )}
    >
      <input
        {...input}
        type={type}
        id={id}
        aria-describedby={hint ? `${id}-hint` : undefined}
        // in the middle of the label's first line, whatever the density
        className={clsx(
          'size-6 shrink-0 accent-primary',
          framed ? 'mt-[calc((1lh-1.5rem)/2)]' : 'mt-[calc(0.375rem+(1lh-1.5rem)/2)]',
        )}
      />
      <div className={clsx('min-w-0', !framed && 'py-1.5')}>
        <label htmlFor={id} className={clsx('block', framed && 'font-semibold')}>
          {label}
        </label>
        {hint && (
          <div id={`${id}-hint`} className="text-sm text-muted">
            {hint}
          </div>
        )}
      </div>
    </div>
  )
}
