import { TextInput } from '#components/ui/text-input.tsx'

/** Asks for a one-time code before something that changes other people's access. */
export function CodeInput({ name, error }: { name: string; error?: string | undefined }) {
  return (
    <TextInput
      name={name}
      label="One-time code"
      hint="From your authenticator app. It counts for the next five minutes."
      autoComplete="one-time-code"
      inputMode="numeric"
      width="short"
      maxLength={16}
      error={error}
    />
  )
}
