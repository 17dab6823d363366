import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'
import { describe, expect, test } from 'vitest'

import { attempt, realScheme, weakScheme, type CellScheme, type Holes } from '#lib/testing/cell-schemes.ts'
import { cellColumn } from './cell-column.ts'
import { cellDigest, cellDigestKey } from './cell-digest.ts'
import { CryptoError } from './crypto-error.ts'
import { DataKey, DataKeys, type ClosedState } from './data-keys.ts'
import { openCell } from './open-cell.ts'
import { rowAddress } from './row-address.ts'
import { sealCell } from './seal-cell.ts'
import { SecretKey } from './secret-key.ts'

/*
 * Attacks on sealed cells by someone who can write the tables. Each attack is a function that lists what got through; the
 * product must give an empty list, and a scheme with the hole planted must not, or the attack proves nothing.
 */
const family = cellColumn('patient.family-name', 'string')
const given = cellColumn('patient.given-name', 'string')
const familyInContact = cellColumn('patient-contact.family-name', 'string')
const rowOne = rowAddress('11111111-1111-4111-8111-111111111111', 'aaaaaaaa-aaaa-4aaa-8aaa-aaaaaaaaaaaa')
const rowTwo = rowAddress('22222222-2222-4222-8222-222222222222', 'aaaaaaaa-aaaa-4aaa-8aaa-aaaaaaaaaaaa')
const otherPatient = rowAddress(
  '11111111-1111-4111-8111-111111111111',
  'bbbbbbbb-bbbb-4bbb-8bbb-bbbbbbbbbbbb',
)

type Attack = (scheme: CellScheme) => string[]

const moves = (from: [typeof family, typeof rowOne], to: [typeof family, typeof rowOne]): Attack => {
  return (scheme) => {
    const cell = scheme.seal(from[0], from[1], 'Álvarez')
    const result = attempt(() => scheme.open(to[0], to[1], cell))
    return 'opened' in result ? ['moved cell opened'] : []
  }
}

const bodyOf = (cell: string) => Buffer.from(cell.slice(14), 'base64url')
const withBody = (cell: string, body: Buffer) => cell.slice(0, 14) + body.toString('base64url')

function openedAmong(scheme: CellScheme, forged: Iterable<[string, string]>): string[] {
  const through: string[] = []
  for (const [what, text] of forged) {
    if ('opened' in attempt(() => scheme.open(family, rowOne, text))) through.push(what)
  }
  return through
}

const flipEveryBit: Attack = (scheme) => {
  const cell = scheme.seal(family, rowOne, 'Álvarez')
  const forged: [string, string][] = []
  for (let at = 0; at < 14; at += 1) {
    for (let bit = 0; bit < 8; bit += 1) {
      const flipped = String.fromCharCode(cell.charCodeAt(at) ^ (1 << bit))
      forged.push([`header character ${at} bit ${bit}`, cell.slice(0, at) + flipped + cell.slice(at + 1)])
    }
  }
  const body = bodyOf(cell)
  for (let at = 0; at < body.length; at += 1) {
    for (let bit = 0; bit < 8; bit += 1) {
      const flipped = Buffer.from(body)
      flipped[at] = (flipped[at] ?? 0) ^ (1 << bit)
      forged.push([`body byte ${at} bit ${bit}`, withBody(cell, flipped)])
    }
  }
  expect(forged.length).toBeGreaterThan(300)
  return openedAmong(scheme, forged)
}

const cutAndAppend: Attack = (scheme) => {
  const cell = scheme.seal(family, rowOne, 'Álvarez')
  const forged: [string, string][] = [
    ['empty', ''],
    ['prefix only', 'phi1.'],
    ['header only', cell.slice(0, 14)],
  ]
  for (let length = 0; length < cell.length; length += 1)
    forged.push([`cut to ${length}`, cell.slice(0, length)])
  const body = bodyOf(cell)
  for (let length = 0; length < body.length; length += 1) {
    forged.push([`body cut to ${length}`, withBody(cell, body.subarray(0, length))])
    forged.push([`body without its first ${length + 1}`, withBody(cell, body.subarray(length + 1))])
  }
  for (const tail of ['A', 'AA', 'AAA', 'AAAA', '=', '==', '.', ' ', '\0', '~']) {
    forged.push([`with ${JSON.stringify(tail)} appended`, cell + tail])
  }
  for (let count = 1; count <= 32; count += 1) {
    forged.push([`${count} bytes appended`, withBody(cell, Buffer.concat([body, Buffer.alloc(count)]))])
  }
  return openedAmong(scheme, forged)
}

const shortTags: Attack = (scheme) => {
  // An empty value in a column without padding, so that a reader that takes what is left finds the tag at the end.
  const cell = scheme.seal(family, rowOne, '')
  const body = bodyOf(cell)
  const forged: [string, string][] = []
  for (let kept = 0; kept < 16; kept += 1) {
    forged.push([`tag of ${kept} bytes`, withBody(cell, body.subarray(0, body.length - 16 + kept))])
  }
  return openedAmong(scheme, forged)
}

const respell: Attack = (scheme) => {
  const spellings: [string, string][] = []
  // Lengths 1 to 3, because the loose bits at the end differ; many rounds, because - and _ do not occur in every cell.
  for (let round = 0; round < 60; round += 1) {
    const cell = scheme.seal(family, rowOne, 'x'.repeat(1 + (round % 3)))
    const last = cell.at(-1) ?? ''
    const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
    const loose = bodyOf(cell).length % 3 === 0 ? 0 : bodyOf(cell).length % 3 === 1 ? 15 : 3
    for (let bits = 1; bits <= loose; bits += 1) {
      spellings.push([
        'loose trailing bits',
        cell.slice(0, -1) + (alphabet[alphabet.indexOf(last) ^ bits] ?? ''),
      ])
    }
    if (/[-_]/.test(cell.slice(14))) {
      spellings.push([
        'alphabet of +/',
        cell.slice(0, 14) + cell.slice(14).replaceAll('-', '+').replaceAll('_', '/'),
      ])
    }
    spellings.push(
      ['padding', `${cell}=`],
      ['two paddings', `${cell}==`],
      ['CRLF at the end', `${cell}\r\n`],
      ['line break inside', `${cell.slice(0, 30)}\n${cell.slice(30)}`],
      ['space inside', `${cell.slice(0, 30)} ${cell.slice(30)}`],
      ['upper-case version', `phi1.${'0000000A'}.${cell.slice(14)}`],
      ['byte order mark', `\uFEFF${cell}`],
      ['wider letters', cell.replace('phi1', 'ｐｈｉ１')],
    )
  }
  return [...new Set(openedAmong(scheme, spellings))]
}

const retype: Attack = (scheme) => {
  const date = cellColumn('patient.birth-date', 'date')
  const asText = cellColumn('patient.birth-date', 'string')
  const through: string[] = []
  // The reader now holds the column for text, and the attacker corrects the type byte to match.
  const cell = scheme.seal(date, rowOne, '1980-02-29')
  if ('opened' in attempt(() => scheme.open(asText, rowOne, cell))) through.push('date read as text')
  const body = bodyOf(cell)
  const own = body[0]
  for (let type = 0; type < 256; type += 1) {
    if (type === own) continue
    body[0] = type
    for (const column of [date, asText]) {
      if ('opened' in attempt(() => scheme.open(column, rowOne, withBody(cell, body)))) {
        through.push(`type byte ${type} read as ${column.type}`)
      }
    }
  }
  return through
}

const looksLikeACell: Attack = (scheme) => {
  const victim = scheme.seal(family, rowTwo, 'stolen')
  const through: string[] = []
  for (const text of ['phi1.', 'phi1.00000001.', victim]) {
    const cell = scheme.seal(family, rowOne, text)
    if (cell === text) through.push(`stored as it came: ${text.length} characters`)
    const result = attempt(() => scheme.open(family, rowOne, cell))
    if (!('opened' in result) || result.opened !== text) through.push('does not come back')
  }
  return through
}

const loseText: Attack = (scheme) => {
  const through: string[] = []
  for (const text of ['\ud800', 'a\udfffb', '\udc00\ud800']) {
    const result = attempt(() => scheme.open(family, rowOne, scheme.seal(family, rowOne, text)))
    if ('opened' in result && result.opened !== text) through.push('came back as something else')
  }
  return through
}

describe('attacks on a cell', () => {
  const table: [string, Attack, Holes][] = [
    ['attack 01: swap one column between two rows of a patient', moves([family, rowOne], [family, rowTwo]), { unbound: ['row'] }],
    ['attack 02: swap between patients', moves([family, rowOne], [family, otherPatient]), { unbound: ['owner'], sharedKey: true }],
    ['attack 03: swap two columns of a row', moves([family, rowOne], [given, rowOne]), { unbound: ['column'] }],
    ['attack 04: copy from another table', moves([familyInContact, rowOne], [family, rowOne]), { unbound: ['column'] }],
    ['attack 05: flip every single bit of header, nonce, body and tag', flipEveryBit, { unbound: ['header'] }],
    ['attack 06: cut to every length, append, empty', cutAndAppend, { looseText: true }],
    ['attack 07: tag of 0 to 15 bytes', shortTags, { shortTag: true }],
    ['attack 10: other spellings of the same bytes', respell, { looseText: true }],
    ['attack 11: type byte changed', retype, { unbound: ['header'] }],
    ['attack 12: plaintext that looks like a cell', looksLikeACell, { passThrough: true }],
    ['attack 13: lone surrogates', loseText, { lossyText: true }],
  ] // prettier-ignore

  test.each(table)('%s', (_name, attack, holes) => {
    expect(attack(realScheme())).toEqual([])
    expect(attack(weakScheme(holes)), 'the attack does not even find a planted hole').not.toEqual([])
    expect(attack(weakScheme({})), 'the attack finds something else than the planted hole').toEqual([])
  })
})

test('attack 04: copy from another organisation or environment', () => {
  // The same ids in two installations: a restored copy of production beside staging, say.
  const here = realScheme()
  const there = realScheme()
  const foreign = there.seal(family, rowOne, 'Álvarez')
  expect(attempt(() => here.open(family, rowOne, foreign))).toEqual({ refused: 'NOT_AUTHENTIC' })
  const organisation = rowAddress(rowOne.rowId, 'org:main')
  const ours = here.seal(family, organisation, 'Álvarez')
  expect(attempt(() => here.open(family, rowOne, ours))).toEqual({ refused: 'NOT_AUTHENTIC' })
  // Control: installations that share their key material would let it through.
  const shared = weakScheme({ sharedKey: true, unbound: ['owner'] })
  expect(attempt(() => shared.open(family, rowOne, shared.seal(family, organisation, 'x')))).toEqual({
    opened: 'x',
  })
})

test('attack 01–04: parts of the address cannot be shifted into each other', () => {
  const shift: Attack = (scheme) => {
    const cell = scheme.seal(family, rowAddress('a|b', 'c'), 'x')
    return 'opened' in attempt(() => scheme.open(family, rowAddress('a', 'b|c'), cell)) ? ['shifted'] : []
  }
  const scheme = realScheme()
  const { key, keys } = scheme.keysOf('c')
  // Even with the very same key under both owners' names.
  const cell = sealCell(key, family, rowAddress('a|b', 'c'), 'x')
  expect(attempt(() => openCell(keys, family, rowAddress('a', 'b|c'), cell))).toEqual({
    refused: 'WRONG_OWNER',
  })
  expect(shift(scheme)).toEqual([])
  expect(shift(weakScheme({ separator: '|', sharedKey: true }))).toEqual(['shifted'])
})

test('attack 07: told the length, node:crypto takes no shorter tag', () => {
  const key = randomBytes(32)
  const nonce = randomBytes(12)
  const cipher = createCipheriv('aes-256-gcm', key, nonce)
  const sealed = Buffer.concat([cipher.update('text'), cipher.final()])
  const tag = cipher.getAuthTag().subarray(0, 4)
  const careful = createDecipheriv('aes-256-gcm', key, nonce, { authTagLength: 16 })
  expect(() => careful.setAuthTag(tag)).toThrow(/tag/i)
  expect(careful.update(sealed).length).toBe(4)
})

describe('attack 08: the version is lowered', () => {
  const ownerId = rowOne.ownerId
  const make = (version: number, state: 'active' | 'decrypt_only' | 'disabled') =>
    new DataKey({ ownerId, version, state, key: SecretKey.random() })
  const current = make(3, 'active')
  const closed = new Map<number, ClosedState>([[1, 'destroyed'], [4, 'pending'], [5, 'unreadable']]) // prettier-ignore
  const keys = new DataKeys(ownerId, [current, make(2, 'decrypt_only'), make(6, 'disabled')], closed)
  const cell = sealCell(current, family, rowOne, 'Álvarez')
  const renamed = (version: string) => `phi1.${version}.${cell.slice(14)}`

  test.each([
    ['retired', renamed('00000002'), 'NOT_AUTHENTIC'],
    ['destroyed', renamed('00000001'), 'KEY_DESTROYED'],
    ['pending', renamed('00000004'), 'KEY_PENDING'],
    ['unreadable', renamed('00000005'), 'KEY_UNREADABLE'],
    ['disabled', renamed('00000006'), 'KEY_DISABLED'],
    ['unknown', renamed('00000007'), 'KEY_UNKNOWN'],
    ['zero', renamed('00000000'), 'KEY_UNKNOWN'],
    ['another format', `phi0.${cell.slice(5)}`, 'FORMAT'],
    ['a later format', `phi2.${cell.slice(5)}`, 'FORMAT'],
    ['no digits', renamed('-0000003'), 'FORMAT'],
    ['other digits', renamed('０000003'), 'FORMAT'],
  ])('to a version that is %s', (_what, text, code) => {
    expect(attempt(() => openCell(keys, family, rowOne, text))).toEqual({ refused: code })
  })

  test('and without the attack it opens; a scheme that tries its keys opens it anyway', () => {
    expect(openCell(keys, family, rowOne, cell)).toBe('Álvarez')
    const careless = weakScheme({ trial: true, unbound: ['header'] })
    const lowered = careless.seal(family, rowOne, 'x').replace('00000001', '00000000')
    expect(attempt(() => careless.open(family, rowOne, lowered))).toEqual({ opened: 'x' })
  })
})

test('attack 09: yesterday’s ciphertext of the same cell opens, and its digest betrays it', () => {
  const scheme = realScheme()
  const key = cellDigestKey(SecretKey.random())
  const yesterday = scheme.seal(family, rowOne, 'penicillin')
  const today = scheme.seal(family, rowOne, 'none')
  const recorded = cellDigest(key, family, rowOne, today)
  // The stated limit: associated data alone does not see it. This is also the control for the digest.
  expect(scheme.open(family, rowOne, yesterday)).toBe('penicillin')
  const verifies = (cell: string) => cellDigest(key, family, rowOne, cell) === recorded
  expect(verifies(today)).toBe(true)
  expect(verifies(yesterday)).toBe(false)
  // Sealing the same value again is not the recorded ciphertext either, and digests of other places do not fit.
  expect(verifies(scheme.seal(family, rowOne, 'none'))).toBe(false)
  expect(cellDigest(key, family, rowTwo, today)).not.toBe(recorded)
  expect(cellDigest(key, given, rowOne, today)).not.toBe(recorded)
  expect(cellDigest(cellDigestKey(SecretKey.random()), family, rowOne, today)).not.toBe(recorded)
})

describe('attack 13: awkward values', () => {
  const scheme = realScheme()
  const json = cellColumn('observation.components', 'json')

  test('NUL and everything else in well-formed text comes back as it was', () => {
    for (const text of ['\0', 'a\0b', '\u{1F9EC}', '\uFEFFx', 'e\u0301', '\r\n', '\u202Eabc', '\uFFFD']) {
      expect(scheme.open(family, rowOne, scheme.seal(family, rowOne, text))).toBe(text)
    }
  })

  test('a value of 10 MB fits, one beyond 16 MiB is refused', () => {
    const large = 'ä'.repeat(5_000_000)
    expect(scheme.open(family, rowOne, scheme.seal(family, rowOne, large)) === large).toBe(true)
    expect(attempt(() => scheme.seal(family, rowOne, 'x'.repeat(16 * 1024 * 1024 + 1)))).toEqual({
      refused: 'VALUE',
    })
  })

  const poisoned = [
    '{"__proto__":{"admin":true}}',
    '{"a":[{"__proto__":1}]}',
    '{"\\u005f\\u005fproto__":{"admin":true}}',
    '{"constructor":{"prototype":{"admin":true}}}',
    '{"\\u0063onstructor":{"prototype":{}}}',
  ]

  test.each(poisoned)('prototype-poisoned JSON is not sealed: %s', (text) => {
    expect(attempt(() => scheme.seal(json, rowOne, JSON.parse(text)))).toEqual({ refused: 'VALUE' })
  })

  test.each(poisoned)('nor handed out, whoever sealed it: %s', (text) => {
    // Sealed as text under the same column id, then given the type byte of JSON by someone who has the key.
    const { key, keys } = scheme.keysOf(rowOne.ownerId)
    const forger = { ...cellColumn('observation.components', 'string'), typeByte: json.typeByte }
    const cell = sealCell(key, forger, rowOne, text)
    expect(attempt(() => openCell(keys, json, rowOne, cell))).toEqual({ refused: 'TYPE' })
    // Control: a plain parse and an ordinary merge are all it takes.
    const naive: unknown = JSON.parse(text)
    expect(/__proto__|constructor/.test(JSON.stringify(naive))).toBe(true)
  })

  test('the words themselves are no poison as values, nor a key that only resembles them', () => {
    const harmless = { note: '__proto__', constructor: 'Smith', proto: '\\u005f', list: ['constructor'] }
    expect(scheme.open(json, rowOne, scheme.seal(json, rowOne, harmless))).toEqual(harmless)
  })

  test('JSON that would lose something in silence is refused', () => {
    const cycle: Record<string, unknown> = {}
    cycle['self'] = cycle
    const lossy: unknown[] = [
      undefined,
      { a: undefined },
      Number.NaN,
      [Infinity],
      new Date(0),
      new Map(),
      1n,
      cycle,
      () => 1,
    ]
    for (const value of lossy) {
      expect(
        attempt(() =>
          Reflect.apply(sealCell, undefined, [scheme.keysOf(rowOne.ownerId).key, json, rowOne, value]),
        ),
      ).toEqual({
        refused: 'VALUE',
      })
    }
  })
})

test('no refusal repeats a value, a ciphertext or an id', () => {
  const scheme = realScheme()
  const secret = 'Zyxwvutsrq'
  const cell = scheme.seal(family, rowOne, secret)
  const refusals = [
    () => scheme.open(family, rowTwo, cell),
    () => scheme.open(given, rowOne, `${cell}=`),
    () => scheme.open(cellColumn('patient.family-name', 'date'), rowOne, cell),
    () => scheme.seal(cellColumn('patient.birth-date', 'date'), rowOne, secret),
    () => scheme.seal(family, rowOne, `${secret}\ud800`),
  ]
  for (const refuse of refusals) {
    const error = (() => {
      try {
        refuse()
      } catch (caught) {
        return caught
      }
      return undefined
    })()
    if (!(error instanceof CryptoError)) throw new Error('expected a refusal')
    const shown = [error.message, error.stack, JSON.stringify(error), String(error)].join('\n')
    for (const value of [secret, cell.slice(14, 30), rowOne.rowId, rowOne.ownerId])
      expect(shown).not.toContain(value)
    expect(error.cause).toBeUndefined()
  }
})
