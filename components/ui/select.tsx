import clsx from 'clsx'
import type { SelectHTMLAttributes } from 'react'
import { controlClass, Field, type FieldProps } from './field.tsx'

type Props = FieldProps &
  Omit<SelectHTMLAttributes<HTMLSelectElement>, 'name' | 'id' | 'style' | 'className'> & {
    options: readonly { value: string; label: string }[]
    /** A first entry that stands for no choice, such as "Any". */
    emptyLabel?: string | undefined
    width?: 'full' | 'medium' | undefined
  }

/** A choice out of more than about six; fewer are a RadioGroup. */
export function Select({
  name,
  id,
  label,
  hint,
  error,
  optional,
  options,
  emptyLabel,
  width = 'full',
  ...select
}: Props) {
  return (
    <Field name={name} id={id} label={label} hint={hint} error={error} optional={optional}>
      {(control) => (
        <select
          {...select}
          {...control}
          name={name}
          className={clsx(controlClass, width === 'medium' && 'max-w-60')}
        >
          {emptyLabel !== undefined && <option value="">{emptyLabel}</option>}
          {options.map((option) => (
            <option key={option.value} value={option.value}>
              {option.label}
            </option>
          ))}
        </select>
      )}
    </Field>
  )
}
