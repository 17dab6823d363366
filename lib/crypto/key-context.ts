import { lengthPrefixed } from './length-prefixed.ts'

/** What a wrapped key is for. A key wrapped for one context does not come out under another. */
export type KeyContext = {
  readonly purpose: 'data-key' | 'index-root' | 'identity-root'
  /** id of the keyring, so that staging's keys do not open here */
  readonly keyring: string
  readonly environment: string
  /** whose key it is: a patient id, `org:main`, or the organisation for root keys */
  readonly owner: string
  readonly version: number
}

/** The context as associated data (or, for a cloud provider, as its encryption context). */
export function keyContextAad(context: KeyContext, wrappingVersion: number): Buffer {
  return lengthPrefixed(
    'vkw1',
    context.purpose,
    context.keyring,
    context.environment,
    context.owner,
    String(context.version),
    String(wrappingVersion),
  )
}
