import { controlClass } from './field.tsx'
import { Fieldset, type FieldsetProps } from './fieldset.tsx'

type Props = Omit<FieldsetProps, 'id'> & {
  /** The form sends `${name}-month`, `${name}-day` and `${name}-year`; lib/format.ts `dateFromParts` joins them. */
  name: string
  defaultValue?: { year: string; month: string; day: string } | undefined
  /** For the reader's own birth date, so that the browser may fill it in. */
  birthDate?: boolean | undefined
}

const partList = [
  { part: 'month', label: 'Month', width: 'w-20', complete: 'bday-month', length: 2 },
  { part: 'day', label: 'Day', width: 'w-20', complete: 'bday-day', length: 2 },
  { part: 'year', label: 'Year', width: 'w-28', complete: 'bday-year', length: 4 },
] as const

/** A remembered date as three numbers: quicker and surer than any calendar, and it works without a script. */
export function DateParts({
  name,
  defaultValue,
  birthDate = false,
  hint = 'For example, 4 2 1979',
  ...fieldset
}: Props) {
  return (
    <Fieldset id={name} hint={hint} {...fieldset}>
      <div className="flex flex-wrap gap-4">
        {partList.map(({ part, label, width, complete, length }) => (
          <div key={part} className={width}>
            <label htmlFor={`${name}-${part}`} className="block text-sm">
              {label}
            </label>
            <input
              id={`${name}-${part}`}
              name={`${name}-${part}`}
              inputMode="numeric"
              maxLength={length}
              defaultValue={defaultValue?.[part]}
              autoComplete={birthDate ? complete : 'off'}
              aria-invalid={fieldset.error ? true : undefined}
              className={controlClass}
            />
          </div>
        ))}
      </div>
    </Fieldset>
  )
}
