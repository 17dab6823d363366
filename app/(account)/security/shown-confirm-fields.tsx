'use client'

import { errorFor, type FieldError } from '#components/ui/field-error.ts'
import { PasswordInput } from '#components/ui/password-input.tsx'
import type { AskedFactors } from '#lib/auth/second-factors.ts'
import { SecondFactorField } from '../../confirm/second-factor-field.tsx'

export type ConfirmFieldsProps = {
  /** the name of the field for the second factor */
  field: string
  asks: AskedFactors
  asksPassword?: boolean | undefined
  errors: readonly FieldError[]
  why?: string
}

/** The fields themselves; draw ConfirmFields, which fetches them when they are needed. */
export default function ShownConfirmFields({
  field,
  asks,
  asksPassword = false,
  errors,
  why = 'We ask again, because this changes how you sign in.',
}: ConfirmFieldsProps) {
  return (
    <>
      {asksPassword && (
        <PasswordInput
          name={`${field}-password`}
          label="Your password"
          hint={asks !== false && asks.passkey ? 'Not needed with a passkey.' : undefined}
          autoComplete="current-password"
          error={errorFor(errors, `${field}-password`)}
        />
      )}
      {asks && <SecondFactorField name={field} error={errorFor(errors, field)} asks={asks} why={why} />}
    </>
  )
}
