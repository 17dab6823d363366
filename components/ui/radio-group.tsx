import clsx from 'clsx'
import { Choice, type ChoiceOption } from './choice.tsx'
import { Fieldset, type FieldsetProps } from './fieldset.tsx'

type Props = Omit<FieldsetProps, 'id'> & {
  name: string
  options: readonly ChoiceOption[]
  defaultValue?: string | undefined
  framed?: boolean | undefined
  /** Side by side from 640 px: for two or three short words only. */
  inline?: boolean | undefined
}

/** One choice out of a few. Nothing is chosen beforehand unless `defaultValue` says so. */
export function RadioGroup({ name, options, defaultValue, framed, inline, ...fieldset }: Props) {
  return (
    <Fieldset id={name} {...fieldset}>
      <div
        className={clsx('flex flex-col', framed ? 'gap-2' : 'gap-0.5', inline && 'sm:flex-row sm:gap-x-6')}
      >
        {options.map((option) => (
          <Choice
            key={option.value}
            type="radio"
            id={`${name}-${option.value}`}
            name={name}
            value={option.value}
            label={option.label}
            hint={option.hint}
            framed={framed}
            defaultChecked={defaultValue === option.value}
          />
        ))}
      </div>
    </Fieldset>
  )
}
