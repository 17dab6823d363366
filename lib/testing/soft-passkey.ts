import { createHash, generateKeyPairSync, randomBytes, sign } from 'node:crypto'

/** The parts of CBOR (RFC 8949) that an authenticator writes: small integers, byte and text strings, maps. */
function cbor(value: number | string | Uint8Array | Map<number | string, unknown>): Buffer {
  const head = (major: number, size: number) =>
    size < 24
      ? Buffer.from([(major << 5) | size])
      : size < 256
        ? Buffer.from([(major << 5) | 24, size])
        : Buffer.from([(major << 5) | 25, size >> 8, size & 255])
  if (typeof value === 'number') return value < 0 ? head(1, -1 - value) : head(0, value)
  if (typeof value === 'string') return Buffer.concat([head(3, Buffer.byteLength(value)), Buffer.from(value)])
  if (value instanceof Map)
    return Buffer.concat([
      head(5, value.size),
      ...[...value].flatMap(([key, each]) => [cbor(key), cbor(each as Parameters<typeof cbor>[0])]),
    ])
  return Buffer.concat([head(2, value.length), value])
}

const sha256 = (text: string) => createHash('sha256').update(text).digest()
const base64url = (bytes: Uint8Array) => Buffer.from(bytes).toString('base64url')

type Ways = { origin?: string; host?: string; isVerified?: boolean; count?: number; isForged?: boolean }

/** An authenticator in memory with one passkey (ES256, no attestation), which can also be made to misbehave. */
export function softPasskey({ host, origin }: { host: string; origin: string }) {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const stranger = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey
  const id = randomBytes(32)
  const { x = '', y = '' } = publicKey.export({ format: 'jwk' })
  const cose = cbor(
    new Map<number, number | Buffer>([
      [1, 2],
      [3, -7],
      [-1, 1],
      [-2, Buffer.from(x, 'base64url')],
      [-3, Buffer.from(y, 'base64url')],
    ]),
  )
  const client = (type: string, challenge: string, ways: Ways) =>
    Buffer.from(JSON.stringify({ type, challenge, origin: ways.origin ?? origin, crossOrigin: false }))
  const data = (flags: number, count: number, ways: Ways) => {
    const counted = Buffer.alloc(4)
    counted.writeUInt32BE(count)
    const verified = ways.isVerified === false ? 0 : 4
    return Buffer.concat([sha256(ways.host ?? host), Buffer.from([flags | 1 | verified]), counted])
  }
  const envelope = { id: base64url(id), rawId: base64url(id), type: 'public-key', clientExtensionResults: {} }
  return {
    id,
    /** What a browser would send after making the passkey. */
    make(challenge: string, ways: Ways = {}): string {
      const size = Buffer.alloc(2)
      size.writeUInt16BE(id.length)
      const authData = Buffer.concat([data(0x40, ways.count ?? 0, ways), Buffer.alloc(16), size, id, cose])
      const attestation = cbor(
        new Map<string, unknown>([
          ['fmt', 'none'],
          ['attStmt', new Map()],
          ['authData', authData],
        ]) as Map<number | string, unknown>,
      )
      const response = {
        clientDataJSON: base64url(client('webauthn.create', challenge, ways)),
        attestationObject: base64url(attestation),
        transports: ['internal'],
      }
      return JSON.stringify({ ...envelope, response })
    },
    /** What a browser would send after its owner touched the device. */
    answer(challenge: string, ways: Ways = {}): string {
      const clientData = client('webauthn.get', challenge, ways)
      const authenticatorData = data(0, ways.count ?? 0, ways)
      const signed = Buffer.concat([authenticatorData, createHash('sha256').update(clientData).digest()])
      const response = {
        clientDataJSON: base64url(clientData),
        authenticatorData: base64url(authenticatorData),
        signature: base64url(sign('sha256', signed, ways.isForged ? stranger : privateKey)),
      }
      return JSON.stringify({ ...envelope, response })
    },
  }
}
