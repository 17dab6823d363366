import { tagLength, nonceLength } from './cell-format.ts'
import { fileAad, fileNonce, pieceLength } from './file-nonce.ts'
import { gcmSeal } from './aes-gcm.ts'
import { keyObjectOf, type SecretKey } from './secret-key.ts'

/**
 * Seals a file while it is being made: AES-256-GCM in pieces of 64 KiB, so that any length takes the memory of one piece.
 * @param key sealed nothing before and must seal nothing else: its nonces count from zero
 * @param name of the file; it must be opened under the same one
 * @returns the sealed file in parts: every piece is its ciphertext and a 16-byte tag
 */
export async function* sealFile(
  key: SecretKey,
  name: string,
  source: AsyncIterable<Uint8Array>,
): AsyncGenerator<Buffer, void, undefined> {
  const aad = fileAad(name)
  const pending = Buffer.alloc(pieceLength)
  let filled = 0
  let piece = 0
  const seal = (isLast: boolean): Buffer => {
    const sealed = Buffer.allocUnsafe(nonceLength + filled + tagLength)
    fileNonce(piece, isLast).copy(sealed)
    gcmSeal(keyObjectOf(key), sealed, 0, aad, pending.subarray(0, filled))
    piece += 1
    filled = 0
    // The nonce is known from the piece's number: it is not kept.
    return sealed.subarray(nonceLength)
  }
  for await (const part of source) {
    for (let at = 0; at < part.length;) {
      // A full piece is sealed only when something follows it: otherwise it is the last.
      if (filled === pieceLength) yield seal(false)
      const count = Math.min(part.length - at, pieceLength - filled)
      pending.set(part.subarray(at, at + count), filled)
      filled += count
      at += count
    }
  }
  yield seal(true)
  pending.fill(0)
}
