/** A note that cannot be read, or whose signature is not its signer's. */
export class NoteRefused extends Error {
  override readonly name = 'NoteRefused'
}
