/** One thing to put right: `field` is the id of the control, `message` is the same sentence that stands beside it. */
export type FieldError = { field: string; message: string }

/** The message for one field out of a form's errors, for the `error` of its control. */
export function errorFor(errors: readonly FieldError[] | undefined, field: string): string | undefined {
  return errors?.find((error) => error.field === field)?.message
}
