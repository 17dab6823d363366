import { TextInput } from '#components/ui/text-input.tsx'

/** Asks for the second factor again, before something changes that could lock the person out. */
export function FreshCodeField({ name, error }: { name: string; error: string | undefined }) {
  return (
    <TextInput
      name={name}
      label="One-time code"
      hint="From your authenticator app. We ask again, because this changes how you sign in."
      autoComplete="one-time-code"
      inputMode="numeric"
      width="short"
      maxLength={16}
      error={error}
    />
  )
}
