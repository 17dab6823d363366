import fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { canonicalJson } from './canonical-json.ts'
import { contentDigest } from './content-digest.ts'
import { pseudonym } from './pseudonym.ts'
import { recordId } from './record-id.ts'
import { SecretKey } from './secret-key.ts'

const identity = SecretKey.random()
const other = SecretKey.random()

describe('record id', () => {
  test('the same source row gets the same id, in the form of a version 4 UUID', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), fc.string(), (source, type, id) => {
        const made = recordId(identity, source, type, id)
        expect(made).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
        expect(recordId(identity, source, type, id)).toBe(made)
      }),
    )
  })

  test('another row, type, source or installation gets another id, and parts cannot be shifted into each other', () => {
    const ids = [
      recordId(identity, 'urn:a', 'Patient', '1'),
      recordId(identity, 'urn:a', 'Patient', '2'),
      recordId(identity, 'urn:a', 'Encounter', '1'),
      recordId(identity, 'urn:b', 'Patient', '1'),
      recordId(other, 'urn:a', 'Patient', '1'),
      recordId(identity, 'urn:aP', 'atient', '1'),
      recordId(identity, 'urn:a', 'Patient1', ''),
    ]
    expect(new Set(ids).size).toBe(ids.length)
  })

  test('a hundred thousand rows get as many ids', () => {
    const ids = new Set<string>()
    for (let row = 0; row < 100_000; row += 1)
      ids.add(recordId(identity, 'urn:a', 'Observation', String(row)))
    expect(ids.size).toBe(100_000)
  })
})

test('a pseudonym is stable within its scope and unrelated across scopes', () => {
  const one = pseudonym(identity, 'app', 'patient-1')
  expect(one).toMatch(/^[A-Za-z0-9_-]{22}$/)
  expect(pseudonym(identity, 'app', 'patient-1')).toBe(one)
  const others = [
    pseudonym(identity, 'export', 'patient-1'),
    pseudonym(identity, 'app', 'patient-2'),
    pseudonym(other, 'app', 'patient-1'),
  ]
  expect(new Set([one, ...others]).size).toBe(4)
})

describe('content digest', () => {
  const digest = (content: unknown, context = 'record-1', key = identity) =>
    Buffer.from(contentDigest(key, context, content)).toString('hex')

  test('does not depend on the order of members, and on everything else', () => {
    expect(digest({ b: 1, a: [1, { y: null, x: 'z' }] })).toBe(digest({ a: [1, { x: 'z', y: null }], b: 1 }))
    const others = [{ b: 1 }, { b: '1' }, { b: [1] }, { b: 1, c: null }, [1, 2], [2, 1], '1', 1, null, {}, []]
    expect(new Set(others.map((content) => digest(content))).size).toBe(others.length)
    expect(digest({ b: 1 })).toHaveLength(64)
  })

  test('equal contents of two records, or of two installations, look unrelated', () => {
    expect(digest({ b: 1 }, 'record-2')).not.toBe(digest({ b: 1 }))
    expect(digest({ b: 1 }, 'record-1', other)).not.toBe(digest({ b: 1 }))
  })

  test('canonical JSON follows RFC 8785: its own example, and what JSON.parse gives back', () => {
    // RFC 8785 §3.2.3: keys sorted by UTF-16 code units, not by code points.
    const sorted = { '\u20ac': 'Euro Sign', '\r': 'Carriage Return', '\ufb33': 'Hebrew Letter Dalet With Dagesh', '1': 'One', '\ud83d\ude00': 'Emoji: Grinning Face', '\u0080': 'Control', '\u00f6': 'Latin Small Letter O With Diaeresis' } // prettier-ignore
    const order = ['Carriage Return', 'One', 'Control', 'Latin Small Letter O With Diaeresis', 'Euro Sign', 'Emoji: Grinning Face', 'Hebrew Letter Dalet With Dagesh'] // prettier-ignore
    expect([...canonicalJson(sorted).matchAll(/:"([^"]+)"/g)].map((match) => match[1])).toEqual(order)
    // RFC 8785 §3.2.2.
    expect(canonicalJson({ numbers: [333333333.3333333, 1e30, 4.5, 2e-3, 0.000000000000000000000000001] })).toBe('{"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27]}') // prettier-ignore
    fc.assert(
      fc.property(
        fc.jsonValue().filter((value) => !/__proto__|constructor/.test(JSON.stringify(value))),
        (value) => {
          expect(JSON.parse(canonicalJson(value))).toEqual(JSON.parse(JSON.stringify(value)))
          expect(canonicalJson(JSON.parse(canonicalJson(value)))).toBe(canonicalJson(value))
        },
      ),
    )
  })
})
