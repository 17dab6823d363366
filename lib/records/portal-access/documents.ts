import 'server-only'

/** Kinds of documents that the desk may have seen, as the database knows them. Numbers are never asked for and never kept. */
export const documentKinds = [
  { value: 'driver-license', label: 'Driver’s license', withPhoto: true },
  { value: 'passport', label: 'Passport', withPhoto: true },
  { value: 'state-id', label: 'State identity card', withPhoto: true },
  { value: 'insurance-card', label: 'Insurance card', withPhoto: false },
  { value: 'birth-certificate', label: 'Birth certificate', withPhoto: false },
] as const

type DocumentKind = (typeof documentKinds)[number]['value']

/** Whether these prove who somebody is: one with a photograph, or two without (the database asks the same). */
export function proveIdentity(seen: readonly DocumentKind[]): boolean {
  const isSeen = ({ value }: { value: DocumentKind }): boolean => seen.includes(value)
  return (
    documentKinds.some((kind) => kind.withPhoto && isSeen(kind)) || documentKinds.filter(isSeen).length >= 2
  )
}
