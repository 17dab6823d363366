import { createHash, createHmac } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import {
  blindIndex,
  blindIndexes,
  codeToken,
  codeTokensForSearch,
  indexColumn,
  type IndexColumn,
} from './blind-index.ts'
import { cellColumn } from './cell-column.ts'
import { DataKey } from './data-keys.ts'
import { indexKeys } from './index-keys.ts'
import { birthDateWithFamily, nameParts, normalise } from './normalise.ts'
import { rowAddress } from './row-address.ts'
import { sealCell } from './seal-cell.ts'
import { keyObjectOf, SecretKey } from './secret-key.ts'

const keys = indexKeys(1, new Map([[1, SecretKey.random()]]))
const family = indexColumn('patient.family-name', 'name-1')
const given = indexColumn('patient.given-name', 'name-1')
const mrn = indexColumn('patient.mrn', 'mrn-1')

const hex = (token: { bytes: Uint8Array } | null) =>
  token === null ? null : Buffer.from(token.bytes).toString('hex')
const surnames = [
  'Smith',
  'Jones',
  'García',
  'O’Brien',
  'Nguyễn',
  'Müller',
  'Straße',
  'Иванов',
  '高橋',
  'राम',
  'רמי',
]

describe('tokens', () => {
  test('equal values have equal tokens of one version byte and 16 bytes, different values do not', () => {
    const tokens = surnames.map((name) => blindIndex(keys, family, name))
    expect(tokens.map((token) => token?.bytes.length)).toEqual(surnames.map(() => 17))
    expect(tokens.map((token) => token?.bytes[0])).toEqual(surnames.map(() => 1))
    expect(new Set(tokens.map(hex)).size).toBe(surnames.length)
    expect(surnames.map((name) => hex(blindIndex(keys, family, name)))).toEqual(tokens.map(hex))
  })

  test('nothing to look for gives no token', () => {
    for (const nothing of ['', '  ', '—', '’', '\u0301']) {
      expect(blindIndex(keys, family, nothing)).toBeNull()
      expect(blindIndexes(keys, family, nothing)).toEqual([])
    }
    expect(codeToken(keys, indexColumn('observation.code', 'exact-1'), 'p', '')).toBeNull()
  })

  test('a cut token keeps its bits and no others', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 8, max: 256 }),
        fc.string({ minLength: 1, maxLength: 20 }),
        (bits, value) => {
          const whole = blindIndex(keys, indexColumn('x.y', 'exact-1', { bits: 256 }), value)
          const cut = blindIndex(keys, indexColumn('x.y', 'exact-1', { bits }), value)
          if (!whole || !cut) return
          const binary = (bytes: Uint8Array) =>
            [...bytes.subarray(1)].map((byte) => byte.toString(2).padStart(8, '0')).join('')
          expect(cut.bytes.length).toBe(1 + Math.ceil(bits / 8))
          expect(binary(cut.bytes)).toBe(
            binary(whole.bytes)
              .slice(0, bits)
              .padEnd(Math.ceil(bits / 8) * 8, '0'),
          )
        },
      ),
    )
    for (const bits of [0, 7, 257, 12.5])
      expect(() => indexColumn('x.y', 'exact-1', { bits })).toThrow(/8 to 256 bits/)
  })

  test('attack 37: while two key versions live, both tokens are stored, and each version looks up its own', () => {
    const [old, fresh] = [SecretKey.random(), SecretKey.random()]
    const before = indexKeys(1, new Map([[1, old]]))
    const pending = indexKeys(1, new Map([[2, fresh], [1, old]])) // prettier-ignore
    const flipped = indexKeys(2, new Map([[1, old], [2, fresh]])) // prettier-ignore
    const after = indexKeys(2, new Map([[2, fresh]]))
    for (const keys of [pending, flipped]) {
      const stored = blindIndexes(keys, family, 'Jones')
      expect(stored.map((token) => token.version)).toEqual([1, 2])
      expect(stored.map((token) => token.bytes[0])).toEqual([1, 2])
      // Whoever holds the former root alone, or the next one alone, finds what was stored meanwhile.
      expect(hex(stored[0] ?? null)).toBe(hex(blindIndex(before, family, 'Jones')))
      expect(hex(stored[1] ?? null)).toBe(hex(blindIndex(after, family, 'Jones')))
    }
    expect(hex(blindIndex(pending, family, 'Jones'))).toBe(hex(blindIndex(before, family, 'Jones')))
    expect(hex(blindIndex(flipped, family, 'Jones'))).toBe(hex(blindIndex(after, family, 'Jones')))
    // A code is stored once, and looked for under both.
    const code = indexColumn('observation.code', 'exact-1')
    const wanted = codeTokensForSearch(pending, code, 'patient-1', '4548-4').map(hex)
    expect(wanted).toHaveLength(2)
    for (const keys of [before, pending, flipped, after])
      expect(wanted).toContain(hex(codeToken(keys, code, 'patient-1', '4548-4')))
  })

  test('attack 37: versions that could not live side by side are refused', () => {
    const root = SecretKey.random()
    const refused = (active: number, versions: number[]) => {
      expect(() => indexKeys(active, new Map(versions.map((version) => [version, root])))).toThrow(
        expect.objectContaining({ code: 'VALUE' }),
      )
    }
    refused(256, [256])
    refused(0, [0])
    refused(1, [1, 3])
    refused(2, [1, 2, 3])
    expect(() => indexKeys(2, new Map([[1, root]]))).toThrow(expect.objectContaining({ code: 'KEY_UNKNOWN' }))
    expect(indexKeys(255, new Map([[255, root], [4, root]])).active).toBe(255) // prettier-ignore
  })
})

/** Equal tokens of one value across places that should have nothing to do with each other. */
function linked(tokens: (string | null)[]): number {
  return tokens.length - new Set(tokens).size
}

test('attack 33: one value in two columns, organisations, rules, installations or patients has unrelated tokens', () => {
  const code = indexColumn('observation.code', 'exact-1')
  const other = indexKeys(1, new Map([[1, SecretKey.random()]]))
  const tokens = [
    hex(blindIndex(keys, family, 'jones')),
    hex(blindIndex(keys, given, 'jones')),
    hex(blindIndex(keys, indexColumn('patient.family-name', 'name-1', { organisation: 'north' }), 'jones')),
    hex(blindIndex(keys, indexColumn('patient.family-name', 'exact-1'), 'jones')),
    hex(blindIndex(other, family, 'jones')),
    hex(codeToken(keys, family, 'jones', 'jones')),
    hex(codeToken(keys, code, 'patient-1', 'jones')),
    hex(codeToken(keys, code, 'patient-2', 'jones')),
    // Salt and code cannot be shifted into each other.
    hex(codeToken(keys, code, 'patient-2j', 'ones')),
    hex(codeToken(keys, code, 'patient-', '2jones')),
  ]
  expect(linked(tokens)).toBe(0)
  expect(codeTokensForSearch(keys, code, 'patient-1', 'jones').map(hex)).toEqual([tokens[6]])
  // Control: one key for all columns, as unkeyed or single-keyed hashing does it.
  const careless = (_column: string, value: string) =>
    createHmac('sha256', 'one key').update(value).digest('hex')
  expect(
    linked(['patient.family-name', 'patient.given-name'].map((column) => careless(column, 'jones'))),
  ).toBe(1)
})

test('attack 34: the index key is not an encryption key, and a token cannot be computed from what the database holds', () => {
  const root = SecretKey.random()
  const ownerId = 'aaaaaaaa-aaaa-4aaa-8aaa-aaaaaaaaaaaa'
  const token = hex(blindIndex(indexKeys(1, new Map([[1, root]])), mrn, 'MRN-1001'))
  const cell = sealCell(
    new DataKey({ ownerId, version: 1, state: 'active', key: SecretKey.random() }),
    cellColumn('patient.mrn', 'string'),
    rowAddress(ownerId, ownerId),
    'MRN-1001',
  )
  /** Keys an attacker with the database, or even with the root as an HMAC key, would try. */
  const guesses: (string | Buffer)[] = [
    '',
    'patient.mrn',
    'main',
    ownerId,
    'phi1',
    'bidx',
    'bidx|patient.mrn|main',
    cell,
    cell.slice(14),
  ]
  const computed = (keysTried: (string | Buffer)[]) =>
    keysTried.flatMap((key) =>
      ['MRN-1001', 'MRN1001', '\0\0\0\x07MRN1001'].flatMap((value) => [
        createHmac('sha256', key).update(value).digest('hex'),
        createHash('sha256').update(key).update(value).digest('hex'),
        createHash('sha256').update(value).update(key).digest('hex'),
      ]),
    )
  const found = (tokens: string, tried: string[]) => tried.some((guess) => guess.startsWith(tokens))
  expect(found((token ?? '').slice(2), computed([...guesses, keyObjectOf(root).export()]))).toBe(false)
  // Control: an index that is a salted hash with the salt in the code, as prisma-field-encryption keeps it, is found.
  expect(
    found(
      createHash('sha256').update('MRN1001').update('main').digest('hex').slice(0, 32),
      computed(guesses),
    ),
  ).toBe(true)
})

test('attack 35: a dictionary of all surnames finds nothing in a dump without the key', () => {
  const dictionary = Array.from({ length: 5000 }, (_, index) => `surname${index}`)
  const people = dictionary.filter((_, index) => index % 50 === 7)
  const attacker = indexKeys(1, new Map([[1, SecretKey.random()]]))
  const recovered = (dump: (string | null)[], guess: (name: string) => string | null) => {
    const tokens = new Set(dump)
    return dictionary.filter((name) => tokens.has(guess(name))).length
  }
  const dump = people.map((name) => hex(blindIndex(keys, family, name)))
  expect(recovered(dump, (name) => hex(blindIndex(attacker, family, name)))).toBe(0)
  // Controls: with the key, or with an unkeyed hash, everyone is found.
  expect(recovered(dump, (name) => hex(blindIndex(keys, family, name)))).toBe(people.length)
  const plain = (name: string) => createHash('sha256').update(name).digest('hex')
  expect(recovered(people.map(plain), plain)).toBe(people.length)
})

test('attack 36: a cut index groups strangers, so that a token alone proves nothing, and the filter removes them', () => {
  const column: IndexColumn = indexColumn('patient.family-name', 'name-1', { bits: 12 })
  const people = Array.from({ length: 20_000 }, (_, index) => `surname${index}`)
  const byToken = new Map<string, string[]>()
  for (const person of people) {
    const token = hex(blindIndex(keys, column, person)) ?? ''
    byToken.set(token, [...(byToken.get(token) ?? []), person])
  }
  expect(byToken.size).toBeLessThanOrEqual(4096)
  // No token stands for one person only in a population of this size: 20 000 over 4096 is about 5 each.
  const alone = [...byToken.values()].filter((group) => group.length === 1).length
  expect(alone / people.length).toBeLessThan(0.02)
  const wanted = 'Surname 7777'
  const candidates = blindIndexes(keys, column, wanted).flatMap(
    (token) => byToken.get(hex(token) ?? '') ?? [],
  )
  expect(candidates.length).toBeGreaterThan(0)
  const filtered = candidates.filter((name) => normalise('name-1', name) === normalise('name-1', wanted))
  expect(filtered).toEqual(['surname7777'])
  // Control: an uncut index marks every person.
  expect(new Set(people.map((person) => hex(blindIndex(keys, family, person)))).size).toBe(people.length)
})

describe('normalisation', () => {
  test.each([
    ['name-1', 'Renée O’Brien-Straße', ['RENÉE  O\'BRIEN STRASSE', 'renee obrienstrasse', 'Ｒｅｎéｅ Ｏ＇Brien Straße', 'Rene\u0301e O´Brien–STRASSE'], 'reneeobrienstrasse'],
    ['name-1', 'Yıldız', ['YILDIZ', 'Yildiz'], 'yildiz'],
    ['name-1', 'İpek', ['ipek', 'IPEK'], 'ipek'],
    ['name-1', 'Łukasz Ørsted', ['lukasz orsted', 'ŁUKASZ ØRSTED'], 'lukaszorsted'],
    ['name-1', 'Παπαδόπουλος', ['ΠΑΠΑΔΟΠΟΥΛΟΣ', 'παπαδοπουλοσ'], 'παπαδοπουλοσ'],
    ['name-1', 'רָמִי', ['רמי'], 'רמי'],
    ['name-1', 'ﬁnn', ['Finn'], 'finn'],
    ['phone-1', '(312) 555-0142', ['312.555.0142', '+1 312 555 0142', '1-312-555-0142', '001 312 555 0142', '3125550142 ext. 7', '３１２ ５５５ ０１４２'], '+13125550142'],
    ['phone-1', '+49 30 901820', ['0049 30 901820', '+4930901820'], '+4930901820'],
    ['email-1', ' Maria@Example.org ', ['maria@example.org', 'MARIA@EXAMPLE.ORG'], 'maria@example.org'],
    ['mrn-1', 'mrn-00 17.b', ['MRN0017B', 'mrn 0017 b', 'MRN/0017_B'], 'MRN0017B'],
  ] as const)('%s: %s', (rule, value, spellings, normal) => {
    expect(normalise(rule, value)).toBe(normal)
    for (const spelling of spellings) expect(normalise(rule, spelling)).toBe(normal)
  }) // prettier-ignore

  test.each([
    ['name-1', 'राम', 'रमा'],
    ['name-1', 'たかだ', 'たかた'],
    ['name-1', 'Anna', 'Ann'],
    ['name-1', 'নীলা', 'নিলা'],
    ['phone-1', '+493125550142', '3125550142'],
    ['mrn-1', '0017', '17'],
    ['email-1', 'maria.k@example.org', 'mariak@example.org'],
    ['exact-1', 'a', 'A'],
  ] as const)('attack 32: %s keeps different people apart: %s and %s', (rule, one, other) => {
    expect(normalise(rule, one)).not.toBe(normalise(rule, other))
  })

  test('a rule applied twice changes nothing more', () => {
    const anyText = fc.string({ unit: 'grapheme', maxLength: 30 })
    for (const rule of ['name-1', 'email-1', 'mrn-1', 'phone-1', 'exact-1'] as const) {
      fc.assert(
        fc.property(anyText, (value) => {
          const once = normalise(rule, value)
          expect(once === null ? null : normalise(rule, once)).toBe(once)
        }),
      )
    }
  })

  test('composed and decomposed letters are one name', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme-composite', maxLength: 20 }), (name) => {
        expect(normalise('name-1', name.normalize('NFC'))).toBe(normalise('name-1', name.normalize('NFD')))
      }),
    )
  })

  test('parts of a name, each once', () => {
    expect(nameParts("Ana-María  O'Brien, Ana")).toEqual(['ana', 'maria', 'obrien'])
    expect(nameParts(' – ')).toEqual([])
  })

  test('a birth date is looked up with the family name only', () => {
    expect(birthDateWithFamily('1980-02-29', 'O’Brien')).toBe('1980-02-29|obrien')
    expect(birthDateWithFamily('1980-02-29', 'OBRIEN')).toBe('1980-02-29|obrien')
    expect(birthDateWithFamily('1980-02-29', '—')).toBeNull()
    expect(birthDateWithFamily('', 'O’Brien')).toBeNull()
  })

  test('text that UTF-8 cannot carry is refused: two values must not become one', () => {
    expect(() => normalise('exact-1', '\ud800')).toThrow(expect.objectContaining({ code: 'VALUE' }))
  })
})
