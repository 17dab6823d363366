import { nonceLength } from './cell-format.ts'

/** Bytes of the file in one sealed piece; the last piece may be shorter, and is there even when it is empty. */
export const pieceLength = 65_536

/** So many pieces that the counter never repeats: 256 TiB. */
const piecesMax = 2 ** 32

/**
 * The nonce of a piece: seven zero bytes, its number, and 1 for the last piece (the STREAM construction: Hoang, Reyhanitabar, Rogaway,
 * Vizár, "Online Authenticated-Encryption and its Nonce-Reuse Misuse-Resistance", CRYPTO 2015). Numbers put pieces in their
 * order, and the mark of the last one shows when a file was cut. It never repeats, because a key seals one file only.
 * @throws RangeError beyond 2^32 pieces
 */
export function fileNonce(piece: number, isLast: boolean): Buffer {
  if (piece >= piecesMax) throw new RangeError('the file is too long')
  const nonce = Buffer.alloc(nonceLength)
  nonce.writeUInt32BE(piece, 7)
  nonce.writeUInt8(isLast ? 1 : 0, 11)
  return nonce
}

/** What a file's pieces are bound to: the format, and the name that the caller gives the file. */
export const fileAad = (name: string): Buffer => Buffer.from(`vigil-file-1\0${name}`)
