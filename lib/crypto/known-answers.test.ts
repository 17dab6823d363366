import { gcm } from '@noble/ciphers/aes.js'
import fc from 'fast-check'
import { createDecipheriv, createHmac, createSecretKey, hkdfSync, scryptSync } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'

import { gcmOpen, gcmSeal } from './aes-gcm.ts'
import { deriveKey } from './derive-key.ts'
import { lengthPrefixed } from './length-prefixed.ts'
import { keyObjectOf, SecretKey } from './secret-key.ts'

/*
 * What this folder builds on, against published answers: through the very functions that seal cells and wrap keys, and, so that
 * an error in a vector's transcription cannot hide one in the code, through node:crypto and @noble/ciphers beside them. Should an
 * update of Node or OpenSSL bring a broken or restricted build, it shows here and not in a record that no longer opens.
 */
const bytes = (text: string) => Buffer.from(text, 'hex')

type GcmCase = { key: Buffer; nonce: Buffer; aad: Buffer; sealed: Buffer; tag: Buffer; plain: Buffer | null }

/** Cases of a file in vectors/; its head says where they are from. */
function gcmCases(file: string): GcmCase[] {
  const text = readFileSync(new URL(`./vectors/${file}`, import.meta.url), 'utf8')
  return text
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => {
      const [key, nonce, aad, sealed, tag, plain] = line
        .split(' ')
        .map((field) => (field === '-' ? '' : field))
      const decode = (field = '') => Buffer.from(field, 'base64')
      return {
        key: decode(key),
        nonce: decode(nonce),
        aad: decode(aad),
        sealed: decode(sealed),
        tag: decode(tag),
        plain: plain === 'FAIL' ? null : decode(plain),
      }
    })
}

/** Three ways to open: the product's, Node's as one would write it down, and another implementation. */
const ways: Record<string, (of: GcmCase) => Uint8Array | null> = {
  'lib/crypto': ({ key, nonce, aad, sealed, tag }) =>
    gcmOpen(createSecretKey(key), nonce, aad, sealed, tag) ?? null,
  'node:crypto': ({ key, nonce, aad, sealed, tag }) => {
    const decipher = createDecipheriv('aes-256-gcm', key, nonce, { authTagLength: 16 })
    decipher.setAAD(aad).setAuthTag(tag)
    const text = decipher.update(sealed)
    try {
      decipher.final()
      return text
    } catch {
      return null
    }
  },
  '@noble/ciphers': ({ key, nonce, aad, sealed, tag }) => {
    try {
      return gcm(key, nonce, aad).decrypt(Buffer.concat([sealed, tag]))
    } catch {
      return null
    }
  },
}
const asHex = (found: Uint8Array | null) => (found === null ? null : Buffer.from(found).toString('hex'))

describe('AES-256-GCM', () => {
  const opening = gcmCases('cavp-gcm-256-decrypt.txt')
  const sealing = gcmCases('cavp-gcm-256-encrypt.txt')

  test('the vectors are all there', () => {
    expect([opening.length, sealing.length]).toEqual([375, 375])
    expect(opening.filter(({ plain }) => plain === null)).toHaveLength(191)
    // Every length of text with every length of associated data, as the National Institute combined them.
    const shapes = new Set(sealing.map(({ plain, aad }) => `${plain?.length} ${aad.length}`))
    expect(shapes.size).toBe(25)
  })

  test.each(Object.entries(ways))('NIST CAVP gcmDecrypt256: all 375 through %s', (_name, open) => {
    expect(opening.map((each) => asHex(open(each)))).toEqual(opening.map(({ plain }) => asHex(plain)))
  })

  test('NIST CAVP gcmEncryptExtIV256: all 375 sealed by lib/crypto, and opened again all three ways', () => {
    for (const each of sealing) {
      const { key, nonce, aad, sealed, tag } = each
      const plain = each.plain ?? Buffer.alloc(0)
      const target = Buffer.concat([nonce, Buffer.alloc(plain.length + 16)])
      gcmSeal(createSecretKey(key), target, 0, aad, plain)
      expect(target.toString('hex')).toBe(Buffer.concat([nonce, sealed, tag]).toString('hex'))
      expect(Buffer.from(gcm(key, nonce, aad).encrypt(plain)).equals(target.subarray(12))).toBe(true)
      for (const open of Object.values(ways)) expect(asHex(open(each))).toBe(plain.toString('hex'))
    }
  })

  test('control: one bit anywhere in a case, and it is refused all three ways', () => {
    for (const each of opening.filter(
      ({ plain, sealed, aad }) => plain && sealed.length > 0 && aad.length > 0,
    )) {
      for (const part of ['key', 'nonce', 'aad', 'sealed', 'tag'] as const) {
        const bent = Buffer.from(each[part])
        bent[bent.length - 1] = (bent.at(-1) ?? 0) ^ 1
        for (const open of Object.values(ways)) expect(open({ ...each, [part]: bent })).toBeNull()
      }
    }
  })

  // McGrew and Viega, The Galois/Counter Mode of Operation (submitted to NIST), test cases 13 to 16.
  const key = 'feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308'
  const text =
    'd9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a721c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b391aafd255'
  const sealed =
    '522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f662898015ad'
  test.each([
    ['13', '00'.repeat(32), '00'.repeat(12), '', '', '', '530f8afbc74536b9a963b4f1c4cb738b'],
    ['14', '00'.repeat(32), '00'.repeat(12), '', '00'.repeat(16), 'cea7403d4d606b6e074ec5d3baf39d18', 'd0d1c8a799996bf0265b98b5d48ab919'],
    ['15', key, 'cafebabefacedbaddecaf888', '', text, sealed, 'b094dac5d93471bdec1a502270e3cc6c'],
    ['16', key, 'cafebabefacedbaddecaf888', 'feedfacedeadbeeffeedfacedeadbeefabaddad2', text.slice(0, 120), sealed.slice(0, 120), '76fc6ece0f4e1768cddf8853bb2d551b'],
  ])('case %s of the paper', (_number, hexKey, nonce, aad, plain, ciphertext, tag) => {
    const target = Buffer.concat([bytes(nonce), Buffer.alloc(plain.length / 2 + 16)])
    gcmSeal(createSecretKey(bytes(hexKey)), target, 0, bytes(aad), bytes(plain))
    expect(target.toString('hex', 12)).toBe(ciphertext + tag)
  }) // prettier-ignore
})

const hmac = (key: Uint8Array, data: Uint8Array) => createHmac('sha256', key).update(data).digest()

/** RFC 5869 §2.2 and §2.3, written down from HMAC alone. */
const extract = (salt: Uint8Array, secret: Uint8Array) =>
  hmac(salt.length === 0 ? Buffer.alloc(32) : salt, secret)
function expand(prk: Uint8Array, info: Uint8Array, length: number): Buffer {
  let block = Buffer.alloc(0)
  const blocks: Buffer[] = []
  for (let count = 1; blocks.length * 32 < length; count += 1) {
    block = hmac(prk, Buffer.concat([block, info, Buffer.of(count)]))
    blocks.push(block)
  }
  return Buffer.concat(blocks).subarray(0, length)
}

describe('HKDF-SHA-256 (RFC 5869, appendix A)', () => {
  const sequence = (from: number, to: number) =>
    Buffer.from(Array.from({ length: to - from }, (_, at) => from + at)).toString('hex')
  test.each([
    ['A.1', '0b'.repeat(22), '000102030405060708090a0b0c', 'f0f1f2f3f4f5f6f7f8f9', 42, '077709362c2e32df0ddc3f0dc47bba6390b6c73bb50f9c3122ec844ad7c2b3e5', '3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865'],
    ['A.2', sequence(0, 80), sequence(0x60, 0xb0), sequence(0xb0, 0x100), 82, '06a6b88c5853361a06104c9ceb35b45cef760014904671014a193f40c15fc244', 'b11e398dc80327a1c8e7f78c596a49344f012eda2d4efad8a050cc4c19afa97c59045a99cac7827271cb41c65e590e09da3275600c2f09b8367793a9aca3db71cc30c58179ec3e87c14c01d5c1f3434f1d87'],
    ['A.3', '0b'.repeat(22), '', '', 42, '19ef24a32c717b167f33a91d6f648bdf96596776afdb6377ac434c1c293ccb04', '8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8'],
  ])('%s', (_what, secret, salt, info, length, prk, answer) => {
    const derived = hkdfSync('sha256', bytes(secret), bytes(salt), bytes(info), length)
    expect(Buffer.from(derived).toString('hex')).toBe(answer)
    expect(extract(bytes(salt), bytes(secret)).toString('hex')).toBe(prk)
    expect(expand(bytes(prk), bytes(info), length).toString('hex')).toBe(answer)
  }) // prettier-ignore

  test('every derived key is that very function of its root, with the purpose as info', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ minLength: 32, maxLength: 32 }),
        fc.array(fc.string({ maxLength: 20 }), { minLength: 1, maxLength: 4 }),
        (root, purpose) => {
          const known = Buffer.from(root)
          const derived = deriveKey(new SecretKey(Uint8Array.from(root)), ...purpose).export()
          const expected = expand(extract(Buffer.alloc(0), known), lengthPrefixed(...purpose), 32)
          expect(derived.toString('hex')).toBe(expected.toString('hex'))
        },
      ),
      { numRuns: 300 },
    )
    const root = SecretKey.random()
    const other = deriveKey(root, 'bidx', 'patient.mrn')
    expect(other.equals(deriveKey(root, 'bidx', 'patient.mrn'))).toBe(true)
    expect(other.equals(deriveKey(root, 'bidxpatient.mrn'))).toBe(false)
    expect(keyObjectOf(root).equals(other)).toBe(false)
  })
})

describe('HMAC-SHA-256 (RFC 4231)', () => {
  test.each([
    ['case 1', '0b'.repeat(20), Buffer.from('Hi There').toString('hex'), 'b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7'],
    ['case 2', Buffer.from('Jefe').toString('hex'), Buffer.from('what do ya want for nothing?').toString('hex'), '5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843'],
    ['case 3', 'aa'.repeat(20), 'dd'.repeat(50), '773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe'],
    ['case 4', '0102030405060708090a0b0c0d0e0f10111213141516171819', 'cd'.repeat(50), '82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b'],
    ['case 5, cut to 128 bits', '0c'.repeat(20), Buffer.from('Test With Truncation').toString('hex'), 'a3b6167473100ee06e0c796c2955552b'],
    ['case 6', 'aa'.repeat(131), Buffer.from('Test Using Larger Than Block-Size Key - Hash Key First').toString('hex'), '60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54'],
    ['case 7', 'aa'.repeat(131), Buffer.from('This is a test using a larger than block-size key and a larger than block-size data. The key needs to be hashed before being used by the HMAC algorithm.').toString('hex'), '9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2'],
  ])('%s', (_what, key, data, answer) => {
    expect(hmac(bytes(key), bytes(data)).toString('hex').slice(0, answer.length)).toBe(answer)
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
