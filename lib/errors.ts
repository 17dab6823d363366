import { randomBytes } from 'node:crypto'

/**
 * Errors that a person may meet. Each has two texts: `message` for the operator's log, `publicText` for the page,
 * and a reference number that ties the two together. Neither text may hold a value from a record.
 */

// Crockford's base 32 without I, L, O, U: a reference is read out over the telephone.
const alphabet = '0123456789ABCDEFGHJKMNPQRSTVWXYZ'

const makeReference = (): string => {
  const letters = Array.from(randomBytes(8), (byte) => alphabet.charAt(byte % 32)).join('')
  return `V-${letters.slice(0, 4)}-${letters.slice(4)}`
}

/** What is kept of a cause: its class and its code (SQLSTATE or system code). Its text may quote a value, so it is dropped. */
const nameOfCause = (cause: unknown): string | undefined => {
  if (!(cause instanceof Error)) return undefined
  const code = 'code' in cause && typeof cause.code === 'string' ? cause.code : undefined
  return code && /^[A-Z0-9_]{2,40}$/.test(code) ? `${cause.name} ${code}` : cause.name
}

export abstract class VigilError extends Error {
  abstract override readonly name: string
  /** What a page may show: says what happened and what to do, names nobody and nothing of the record. */
  abstract readonly publicText: string
  /** Random, e.g. `V-7K3M-92QD`: on the page and in the log line. */
  readonly reference: string
  /** Next.js hands only this property of a server error to error.tsx, in place of the message. */
  readonly digest: string
  /** Class and code of the error underneath, never its text. */
  readonly causeName: string | undefined

  constructor(internalText: string, options: { cause?: unknown } = {}) {
    super(internalText)
    this.reference = options.cause instanceof VigilError ? options.cause.reference : makeReference()
    this.digest = this.reference
    this.causeName = nameOfCause(options.cause)
  }
}

/** The access could not be recorded, so nothing was read or changed (fails closed, 45 CFR 164.312(b)). */
export class AuditUnavailable extends VigilError {
  override readonly name = 'AuditUnavailable'
  readonly publicText =
    'Vigil could not record this access, so nothing was opened or changed. Please try again in a minute.'
}

/** The key store or the root key cannot be had: nothing can be decrypted, and nothing is shown in its place. */
export class KeysUnavailable extends VigilError {
  override readonly name = 'KeysUnavailable'
  readonly publicText =
    'The keys that open this record cannot be reached, so it stays closed. Please try again in a minute.'
}

/** The database with the records does not answer, or ended the work. */
export class RecordUnavailable extends VigilError {
  override readonly name = 'RecordUnavailable'
  readonly publicText = 'The record cannot be reached just now. Please try again in a minute.'
}

/** A setting that this needs is missing or refused; the message says which one and what to do. */
export class NotConfigured extends VigilError {
  override readonly name = 'NotConfigured'
  readonly publicText = 'This part of Vigil is not set up yet. Please tell the people who run it.'
}

/** An operator's command cannot be carried out; the message is the one sentence that says why and what to do. */
export class Refused extends VigilError {
  override readonly name = 'Refused'
  readonly publicText = 'Vigil refused to do this.'
}
