import { z } from 'zod'

import { NoteRefused } from './merkle/note-error.ts'
import { parseVerifierKey } from './merkle/note-key.ts'

/* Settings of the places outside that hold what was sealed: witnesses, and a bucket whose objects are locked. */
const optional = z.string().optional()

export const sealPlaceVariables = {
  // Witnesses: addresses, and their keys in the same order
  WITNESS_URL: optional,
  WITNESS_KEY: optional,
  WITNESS_QUORUM: z.coerce.number().int().min(0).max(20).optional(),

  // A bucket with object lock
  ANCHOR_BUCKET: z
    .string()
    .regex(/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/)
    .optional(),
  ANCHOR_BUCKET_ENDPOINT: z.url({ protocol: /^https?$/ }).optional(),
  ANCHOR_BUCKET_DAYS: z.coerce.number().int().min(1).max(36_500).default(3650),
  ANCHOR_BUCKET_MINUTES: z.coerce.number().int().min(1).max(1440).default(60),
}

const variables = z.object({ ...sealPlaceVariables, AWS_REGION: optional })
type Variables = z.infer<typeof variables>

export type SealPlacesEnv = {
  /** who signs what is sealed, beside the sealer */
  readonly witnesses: readonly { readonly url: string; readonly key: string }[]
  /** how many of them have to have signed a checkpoint before it counts as published */
  readonly witnessQuorum: number
  readonly anchorBucket:
    | {
        readonly name: string
        readonly region: string | undefined
        /** of a store other than AWS */
        readonly endpoint: string | undefined
        /** for how long an object is locked */
        readonly days: number
        /** a checkpoint goes there once in so many */
        readonly minutes: number
      }
    | undefined
}

const listOf = (text: string | undefined): string[] =>
  (text ?? '')
    .split(',')
    .map((each) => each.trim())
    .filter((each) => each !== '')

const isLoopback = (url: URL): boolean => /^(localhost|127[.][0-9.]+|\[::1\])$/.test(url.hostname)

const addressFault = (text: string): string | undefined => {
  if (!URL.canParse(text)) return 'is not an address'
  const url = new URL(text)
  if (url.protocol === 'https:') return undefined
  return url.protocol === 'http:' && isLoopback(url)
    ? undefined
    : 'would be reached without TLS beyond this machine'
}

const keyFault = (text: string): string | undefined => {
  try {
    return parseVerifierKey(text).kind === 'cosignature' ? undefined : 'is a log’s key, not a witness’s'
  } catch (error) {
    if (error instanceof NoteRefused) return 'is not a verifier key'
    throw error
  }
}

/** Why Vigil must not start with these settings: one sentence each. */
export const sealPlaceRefusals = function* (given: Variables): Generator<string> {
  const urls = listOf(given.WITNESS_URL)
  const keys = listOf(given.WITNESS_KEY)
  for (const url of urls) {
    const fault = addressFault(url)
    if (fault !== undefined)
      yield `An address in WITNESS_URL ${fault}: write https://host:port, as the witness prints it.`
  }
  for (const key of keys) {
    const fault = keyFault(key)
    if (fault !== undefined)
      yield `A key in WITNESS_KEY ${fault}: take the line that the witness prints as WITNESS_KEY.`
  }
  if (urls.length !== keys.length)
    yield 'WITNESS_URL and WITNESS_KEY do not name equally many witnesses: write the addresses and the keys in the same order, separated by commas.'
  if ((given.WITNESS_QUORUM ?? 0) > urls.length)
    yield 'WITNESS_QUORUM is larger than the number of witnesses: no checkpoint could ever count as published.'
  if (given.ANCHOR_BUCKET_ENDPOINT !== undefined && addressFault(given.ANCHOR_BUCKET_ENDPOINT) !== undefined)
    yield 'ANCHOR_BUCKET_ENDPOINT would be reached without TLS beyond this machine: write https.'
}

/** Settings of the places outside, from variables that are in order. */
export const readSealPlaces = (given: Variables): SealPlacesEnv => {
  const keys = listOf(given.WITNESS_KEY)
  const witnesses = listOf(given.WITNESS_URL).map((url, at) => ({
    url: url.replace(/[/]+$/, ''),
    key: keys[at] ?? '',
  }))
  return {
    witnesses,
    witnessQuorum: given.WITNESS_QUORUM ?? witnesses.length,
    anchorBucket:
      given.ANCHOR_BUCKET === undefined
        ? undefined
        : {
            name: given.ANCHOR_BUCKET,
            region: given.AWS_REGION,
            endpoint: given.ANCHOR_BUCKET_ENDPOINT,
            days: given.ANCHOR_BUCKET_DAYS,
            minutes: given.ANCHOR_BUCKET_MINUTES,
          },
  }
}
