import { Choice, type ChoiceOption } from './choice.tsx'
import { Fieldset, type FieldsetProps } from './fieldset.tsx'

type Props = Omit<FieldsetProps, 'id'> & {
  name: string
  options: readonly ChoiceOption[]
  defaultValues?: readonly string[] | undefined
  framed?: boolean | undefined
}

/** Any number of choices under one question; the form sends `name` once for each. */
export function CheckboxGroup({ name, options, defaultValues = [], framed, ...fieldset }: Props) {
  return (
    <Fieldset id={name} {...fieldset}>
      <div className={framed ? 'space-y-2' : 'space-y-0.5'}>
        {options.map((option) => (
          <Choice
            key={option.value}
            type="checkbox"
            id={`${name}-${option.value}`}
            name={name}
            value={option.value}
            label={option.label}
            hint={option.hint}
            framed={framed}
            defaultChecked={defaultValues.includes(option.value)}
          />
        ))}
      </div>
    </Fieldset>
  )
}
