import 'server-only'

import { generateKeyPairSync } from 'node:crypto'

/**
 * A public key whose private half is thrown away, as a COSE key (RFC 9053 §2.1, ES256): what the answer of an unknown passkey is checked
 * against, so that the same work is done for it as for a known one with a wrong signature (ASVS 5.0 6.3.8).
 */
export function newDecoyKey(): Uint8Array {
  const { x = '', y = '' } = generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey.export({
    format: 'jwk',
  })
  const coordinate = (label: number, value: string) =>
    Buffer.concat([Buffer.from([label, 0x58, 32]), Buffer.from(value, 'base64url')])
  // A map of five: type EC2, algorithm ES256, curve P-256, x, y.
  const head = Buffer.from([0xa5, 0x01, 0x02, 0x03, 0x26, 0x20, 0x01])
  return new Uint8Array(Buffer.concat([head, coordinate(0x21, x), coordinate(0x22, y)]))
}
