import {
  createCipheriv,
  createDecipheriv,
  createHmac,
  createSecretKey,
  hkdfSync,
  scryptSync,
} from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, test } from 'vitest'

/*
 * The primitives this folder builds on, against published answers. Should an update of Node or OpenSSL bring a broken or
 * restricted build, it shows here and not in a record that no longer opens.
 */
const bytes = (text: string) => Buffer.from(text, 'hex')
const gcmKey = 'feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308'
const gcmText =
  'd9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a721c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b391aafd255'
const gcmSealed =
  '522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f662898015ad'

type GcmCase = {
  what: string
  key: string
  nonce: string
  aad: string
  text: string
  sealed: string
  tag: string
}

const gcm: GcmCase[] = [
  // McGrew and Viega, The Galois/Counter Mode of Operation (submitted to NIST), test cases 13 to 16.
  { what: 'case 13', key: '00'.repeat(32), nonce: '00'.repeat(12), aad: '', text: '', sealed: '', tag: '530f8afbc74536b9a963b4f1c4cb738b' },
  { what: 'case 14', key: '00'.repeat(32), nonce: '00'.repeat(12), aad: '', text: '00'.repeat(16), sealed: 'cea7403d4d606b6e074ec5d3baf39d18', tag: 'd0d1c8a799996bf0265b98b5d48ab919' },
  { what: 'case 15', key: gcmKey, nonce: 'cafebabefacedbaddecaf888', aad: '', text: gcmText, sealed: gcmSealed, tag: 'b094dac5d93471bdec1a502270e3cc6c' },
  { what: 'case 16', key: gcmKey, nonce: 'cafebabefacedbaddecaf888', aad: 'feedfacedeadbeeffeedfacedeadbeefabaddad2', text: gcmText.slice(0, 120), sealed: gcmSealed.slice(0, 120), tag: '76fc6ece0f4e1768cddf8853bb2d551b' },
  // NIST CAVP gcmEncryptExtIV256.rsp, the first of each section with empty text.
  { what: 'CAVP no text, no data', key: 'b52c505a37d78eda5dd34f20c22540ea1b58963cf8e5bf8ffa85f9f2492505b4', nonce: '516c33929df5a3284ff463d7', aad: '', text: '', sealed: '', tag: 'bdc1ac884d332457a1d2664f168c76f0' },
  { what: 'CAVP data only', key: '78dc4e0aaf52d935c3c01eea57428f00ca1fd475f5da86a49c8dd73d68c8e223', nonce: 'd79cf22d504cc793c3fb6c8a', aad: 'b96baa8c1c75a671bfb2d08d06be5f36', text: '', sealed: '', tag: '3e5d486aa2e30b22e040b85723a06e76' },
  { what: 'CAVP text only', key: '31bdadd96698c204aa9ce1448ea94ae1fb4a9a0b3c9d773b51bb1822666b8f22', nonce: '0d18e06c7c725ac9e362e1ce', aad: '', text: '2db5168e932556f8089a0622981d017d', sealed: 'fa4362189661d163fcd6a56d8bf0405a', tag: 'd636ac1bbedd5cc3ee727dc2ab4a9489' },
] // prettier-ignore

describe('AES-256-GCM', () => {
  test.each(gcm)('$what', ({ key, nonce, aad, text, sealed, tag }) => {
    const cipher = createCipheriv('aes-256-gcm', createSecretKey(bytes(key)), bytes(nonce), {
      authTagLength: 16,
    })
    cipher.setAAD(bytes(aad))
    expect(Buffer.concat([cipher.update(bytes(text)), cipher.final()]).toString('hex')).toBe(sealed)
    expect(cipher.getAuthTag().toString('hex')).toBe(tag)
    expect(gcmOpens(key, nonce, aad, sealed, tag)).toBe(text)
    expect(gcmOpens(key, nonce, `${aad}00`, sealed, tag)).toBeNull()
  })

  // All of the CAVP files, where Debian's package with them is installed.
  const folder = '/usr/lib/python3/dist-packages/cryptography_vectors/ciphers/AES/GCM'
  const file = path.join(folder, 'gcmDecrypt256.rsp')
  test.skipIf(!existsSync(file))(
    'all of NIST CAVP gcmDecrypt256 (skipped where python3-cryptography-vectors is not installed)',
    () => {
      const cases = readFileSync(file, 'utf8').split(/\r?\n\r?\n/).filter((block) => block.startsWith('Count'))
      let seen = 0
      for (const block of cases) {
        const field = (name: string) => new RegExp(`^${name} = ?(.*)$`, 'm').exec(block)?.[1]?.trim() ?? ''
        if (field('IV').length !== 24 || field('Tag').length !== 32) continue
        const expected = /^FAIL/m.test(block) ? null : field('PT')
        expect(gcmOpens(field('Key'), field('IV'), field('AAD'), field('CT'), field('Tag'))).toBe(expected)
        seen += 1
      }
      expect(seen).toBeGreaterThan(500)
    },
  ) // prettier-ignore
})

function gcmOpens(key: string, nonce: string, aad: string, sealed: string, tag: string): string | null {
  const decipher = createDecipheriv('aes-256-gcm', bytes(key), bytes(nonce), { authTagLength: 16 })
  decipher.setAAD(bytes(aad))
  decipher.setAuthTag(bytes(tag))
  const text = decipher.update(bytes(sealed))
  try {
    decipher.final()
    return text.toString('hex')
  } catch {
    return null
  }
}

describe('HKDF-SHA-256 (RFC 5869, appendix A)', () => {
  const sequence = (from: number, to: number) =>
    Buffer.from(Array.from({ length: to - from }, (_, at) => from + at)).toString('hex')
  test.each([
    ['A.1', '0b'.repeat(22), '000102030405060708090a0b0c', 'f0f1f2f3f4f5f6f7f8f9', 42, '3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865'],
    ['A.2', sequence(0, 80), sequence(0x60, 0xb0), sequence(0xb0, 0x100), 82, 'b11e398dc80327a1c8e7f78c596a49344f012eda2d4efad8a050cc4c19afa97c59045a99cac7827271cb41c65e590e09da3275600c2f09b8367793a9aca3db71cc30c58179ec3e87c14c01d5c1f3434f1d87'],
    ['A.3', '0b'.repeat(22), '', '', 42, '8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8'],
  ])('%s', (_what, secret, salt, info, length, answer) => {
    const derived = hkdfSync('sha256', bytes(secret), bytes(salt), bytes(info), length)
    expect(Buffer.from(derived).toString('hex')).toBe(answer)
  }) // prettier-ignore
})

describe('HMAC-SHA-256 (RFC 4231)', () => {
  test.each([
    ['case 1', '0b'.repeat(20), Buffer.from('Hi There').toString('hex'), 'b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7'],
    ['case 2', Buffer.from('Jefe').toString('hex'), Buffer.from('what do ya want for nothing?').toString('hex'), '5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843'],
    ['case 3', 'aa'.repeat(20), 'dd'.repeat(50), '773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe'],
    ['case 4', '0102030405060708090a0b0c0d0e0f10111213141516171819', 'cd'.repeat(50), '82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b'],
    ['case 6', 'aa'.repeat(131), Buffer.from('Test Using Larger Than Block-Size Key - Hash Key First').toString('hex'), '60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54'],
    ['case 7', 'aa'.repeat(131), Buffer.from('This is a test using a larger than block-size key and a larger than block-size data. The key needs to be hashed before being used by the HMAC algorithm.').toString('hex'), '9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2'],
  ])('%s', (_what, key, data, answer) => {
    expect(createHmac('sha256', bytes(key)).update(bytes(data)).digest('hex')).toBe(answer)
  }) // prettier-ignore
})

describe('scrypt (RFC 7914 §12)', () => {
  test.each([
    ['', '', 16, 1, 1, '77d6576238657b203b19ca42c18a0497f16b4844e3074ae8dfdffa3fede21442fcd0069ded0948f8326a753a0fc81f17e8d3e0fb2e0d3628cf35e20c38d18906'],
    ['password', 'NaCl', 1024, 8, 16, 'fdbabe1c9d3472007856e7190d01e9fe7c6ad7cbc8237830e77376634b3731622eaf30d92e22a3886ff109279d9830dac727afb94a83ee6d8360cbdfa2cc0640'],
    ['pleaseletmein', 'SodiumChloride', 16384, 8, 1, '7023bdcb3afd7348461c06cd81fd38ebfda8fbba904f8e3ea9b543f6545da1f2d5432955613f0fcf62d49705242a9af9e61e85dc0d651e40dfcf017b45575887'],
  ])('%s', (secret, salt, N, r, p, answer) => {
    expect(scryptSync(secret, salt, 64, { N, r, p, maxmem: 256 * N * r }).toString('hex')).toBe(answer)
  }) // prettier-ignore
})
