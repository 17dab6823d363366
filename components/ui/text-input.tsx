import clsx from 'clsx'
import type { InputHTMLAttributes } from 'react'
import { controlClass, Field, type FieldProps } from './field.tsx'

const widths = {
  full: '',
  long: 'max-w-96',
  medium: 'max-w-60',
  short: 'max-w-36',
  tiny: 'max-w-24',
} as const
export type ControlWidth = keyof typeof widths

type Props = FieldProps &
  Omit<InputHTMLAttributes<HTMLInputElement>, 'name' | 'id' | 'style' | 'className' | 'width'> & {
    /** As wide as what belongs in it. */
    width?: ControlWidth | undefined
    /** Unit after the control, such as "mmHg". It also belongs in the label when it matters for the value. */
    unit?: string | undefined
  }

/** One line of text, a number or a code. All other attributes of `input` pass through (`autoComplete`, `inputMode`, `defaultValue`). */
export function TextInput({ name, id, label, hint, error, optional, width = 'full', unit, ...input }: Props) {
  return (
    <Field name={name} id={id} label={label} hint={hint} error={error} optional={optional}>
      {(control) => (
        <div className={clsx('flex items-center gap-2', widths[width])}>
          <input type="text" {...input} {...control} name={name} className={controlClass} />
          {unit && (
            <span aria-hidden="true" className="shrink-0 text-muted">
              {unit}
            </span>
          )}
        </div>
      )}
    </Field>
  )
}
