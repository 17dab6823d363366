import { createDecipheriv, randomBytes } from 'node:crypto'
import { buffer } from 'node:stream/consumers'
import fc from 'fast-check'
import { expect, test } from 'vitest'

import { pieceLength } from './file-nonce.ts'
import { openFile } from './open-file.ts'
import { sealFile } from './seal-file.ts'
import { SecretKey } from './secret-key.ts'

const inParts = async function* (bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size)
}
const seal = (key: SecretKey, bytes: Uint8Array, size = 10_000, name = 'export') =>
  buffer(sealFile(key, name, inParts(bytes, size)))
const open = (key: SecretKey, sealed: Uint8Array, size = 7777, name = 'export') =>
  buffer(openFile(key, name, inParts(sealed, size)))

const sealedPiece = pieceLength + 16

test('opens to what was sealed, whatever the lengths and the parts that it comes in', async () => {
  const lengths = fc.constantFrom(
    0,
    1,
    pieceLength - 1,
    pieceLength,
    pieceLength + 1,
    2 * pieceLength,
    150_000,
  )
  await fc.assert(
    fc.asyncProperty(lengths, fc.integer({ min: 1000, max: 200_000 }), async (length, size) => {
      const key = SecretKey.random()
      const bytes = randomBytes(length)
      const sealed = await seal(key, bytes, size)
      expect(sealed.length).toBe(length + 16 * Math.max(1, Math.ceil(length / pieceLength)))
      expect((await open(key, sealed, size)).equals(bytes)).toBe(true)
    }),
    { numRuns: 30 },
  )
})

test('is the construction that it says: a stranger opens it with AES-GCM and a counter', async () => {
  const raw = randomBytes(32)
  const bytes = randomBytes(pieceLength + 5)
  const sealed = await seal(new SecretKey(Uint8Array.from(raw)), bytes)
  const opened = [0, 1].map((piece) => {
    const from = sealed.subarray(piece * sealedPiece, piece === 0 ? sealedPiece : undefined)
    const nonce = Buffer.alloc(12)
    nonce.writeUInt32BE(piece, 7)
    nonce[11] = piece
    const decipher = createDecipheriv('aes-256-gcm', raw, nonce)
    decipher.setAAD(Buffer.from('vigil-file-1\0export'))
    decipher.setAuthTag(from.subarray(-16))
    return Buffer.concat([decipher.update(from.subarray(0, -16)), decipher.final()])
  })
  expect(Buffer.concat(opened).equals(bytes)).toBe(true)
})

test('nothing else opens: cut, lengthened, reordered, bent, under another name or key', async () => {
  const key = SecretKey.random()
  const bytes = randomBytes(3 * pieceLength)
  const sealed = await seal(key, bytes)
  const piece = (index: number) => sealed.subarray(index * sealedPiece, (index + 1) * sealedPiece)
  const bent = Buffer.from(sealed)
  bent.writeUInt8(bent.readUInt8(99) ^ 1, 99)
  const attacks = {
    'cut after a piece': sealed.subarray(0, 2 * sealedPiece),
    'cut within a piece': sealed.subarray(0, -1),
    empty: Buffer.alloc(0),
    lengthened: Buffer.concat([sealed, piece(2)]),
    'a byte more': Buffer.concat([sealed, Buffer.of(0)]),
    reordered: Buffer.concat([piece(1), piece(0), piece(2)]),
    'a piece twice': Buffer.concat([piece(0), piece(0), piece(1), piece(2)]),
    bent,
  }
  for (const [name, attack] of Object.entries(attacks))
    await expect(open(key, attack), name).rejects.toMatchObject({ code: 'NOT_AUTHENTIC' })
  await expect(open(key, sealed, 7777, 'other')).rejects.toMatchObject({ code: 'NOT_AUTHENTIC' })
  await expect(open(SecretKey.random(), sealed)).rejects.toMatchObject({ code: 'NOT_AUTHENTIC' })
  expect((await open(key, sealed)).equals(bytes)).toBe(true)
})
