import { tagLength } from './cell-format.ts'
import { CryptoError } from './crypto-error.ts'
import { fileAad, fileNonce, pieceLength } from './file-nonce.ts'
import { gcmOpen } from './aes-gcm.ts'
import { keyObjectOf, type SecretKey } from './secret-key.ts'

const sealedPiece = pieceLength + tagLength

/**
 * Opens a file that sealFile sealed, piece by piece. What comes out is authentic as far as it goes; that nothing is missing at the end is
 * known only when it ends without an error, so a receiver must discard what it has when there is one.
 * @throws CryptoError NOT_AUTHENTIC when the file was altered, reordered, lengthened or cut, or is another file's
 */
export async function* openFile(
  key: SecretKey,
  name: string,
  source: AsyncIterable<Uint8Array>,
): AsyncGenerator<Buffer, void, undefined> {
  const aad = fileAad(name)
  const pending = Buffer.alloc(sealedPiece)
  let filled = 0
  let piece = 0
  const open = (isLast: boolean): Buffer => {
    const end = filled - tagLength
    const opened =
      end < 0
        ? undefined
        : gcmOpen(
            keyObjectOf(key),
            fileNonce(piece, isLast),
            aad,
            pending.subarray(0, end),
            pending.subarray(end, filled),
          )
    if (!opened) throw new CryptoError('NOT_AUTHENTIC', 'file', 'a piece does not belong where it stands')
    piece += 1
    filled = 0
    return opened
  }
  for await (const part of source) {
    for (let at = 0; at < part.length;) {
      if (filled === sealedPiece) yield open(false)
      const count = Math.min(part.length - at, sealedPiece - filled)
      pending.set(part.subarray(at, at + count), filled)
      filled += count
      at += count
    }
  }
  yield open(true)
}
