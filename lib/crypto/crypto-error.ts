/**
 * What went wrong, as a word that may be logged, counted and shown in an audit row.
 * FORMAT      the text is not a well-formed, canonical `phi1.` cell (or wrapped key)
 * NOT_AUTHENTIC  the tag does not fit: altered, moved to another cell, or sealed under another key
 * TYPE        the cell is authentic but of another type than its column
 * VALUE       the value to be sealed is not one this type can carry without loss
 * WRONG_OWNER the keys handed in belong to another owner than the row
 * KEY_UNKNOWN no such key version for this owner
 * KEY_DISABLED / KEY_DESTROYED / KEY_PENDING   the version exists, and its state forbids this use
 * KEY_EXHAUSTED  the version has encrypted as often as it may (NIST SP 800-38D §8.3)
 * KEY_UNREADABLE  the version exists, and what is stored of it does not unwrap
 * KEYRING     the keyring breaks one of its rules (two active versions, a forbidden change of state)
 */
export type CryptoErrorCode =
  | 'FORMAT'
  | 'NOT_AUTHENTIC'
  | 'TYPE'
  | 'VALUE'
  | 'WRONG_OWNER'
  | 'KEY_UNKNOWN'
  | 'KEY_DISABLED'
  | 'KEY_DESTROYED'
  | 'KEY_PENDING'
  | 'KEY_EXHAUSTED'
  | 'KEY_UNREADABLE'
  | 'KEYRING'

/**
 * The only error this folder throws. It names a code and a place (a column or key name), and never
 * a plaintext, a ciphertext or a key: its text may go to any log.
 */
export class CryptoError extends Error {
  override readonly name = 'CryptoError'
  readonly code: CryptoErrorCode
  /** Stable name of the column, or of the kind of key; never a value. */
  readonly place: string

  constructor(code: CryptoErrorCode, place: string, why: string) {
    super(`${code} at ${place}: ${why}`)
    this.code = code
    this.place = place
  }
}
