/** A value out of an address that is to stand there once. Twice, and the address names none: nobody's page makes such a one. */
export function single(given: string | string[] | undefined): string | undefined {
  return typeof given === 'string' ? given : undefined
}
